// The examples that are closest to the drawing, and what they say.

import type { Explanation } from "./explanations";
import type { Lesson } from "./lesson";
import { colour } from "./palette";
import { Thumbnail } from "./thumbnail";

const SHOWN = 3;
const NOTHING = 0.01; // of the logarithm of a probability

export function Nearest({ explanation, lesson }: { explanation: Explanation; lesson: Lesson }) {
  const near = explanation.examples.filter((one) => one.distance !== null).sort((a, b) => a.distance! - b.distance!).slice(0, SHOWN);
  if (near.length === 0) return null;
  return (
    <div class="nearest">
      <h3>Nearest examples</h3>
      <ol>
        {near.map((one) => {
          const place = lesson.classes.findIndex((each) => each.name === one.className);
          const drawing = lesson.classes[place]?.examples.find((each) => each.id === one.example)?.drawing;
          return drawing && (
            <li key={one.example} style={{ "--class": colour(place) }}>
              <Thumbnail drawing={drawing} size={48} />
              <b>{one.className}</b>
              <span class="fine" title="Distance in the embedding">{one.distance!.toFixed(1)} away</span>
              {one.influence !== null && Math.abs(one.influence) > NOTHING && (
                <span class={one.influence > 0 ? "fine for" : "fine against"} title="How much the logarithm of the answer's probability falls without this example">
                  {one.influence > 0 ? "speaks for it" : "speaks against"}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
