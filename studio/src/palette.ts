// Colours that tell classes and runs apart, in order; defined with the themes, in style.css.

export const COLOURS = 8;
export const colour = (place: number) => `var(--c${place % COLOURS})`;
