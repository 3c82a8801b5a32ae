"""Table and line chart of bench/implicit-memory.sh: python3 implicit-memory.py MEASURED SVG."""
import sys

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 560, 320, 70, 20, 130, 50
COLOURS = {"implicit-maml": "#0a7d5a", "maml": "#b3501b"}
NAMES = {"implicit-maml": "implicit MAML", "maml": "MAML, unrolled"}

rows = [(name, int(steps), float(peak), float(cpu)) for name, steps, peak, cpu in map(str.split, open(sys.argv[1]))]
print("| inner steps | " + " | ".join(NAMES[name] for name in NAMES) + " |\n|---|---|---|")
for steps in sorted({row[1] for row in rows}):
    cells = {name: f"{peak:.0f} MB, {cpu:.2f} s" for name, at, peak, cpu in rows if at == steps}
    print(f"| {steps} | " + " | ".join(cells[name] for name in NAMES) + " |")

most_steps, most = max(row[1] for row in rows), max(row[2] for row in rows) * 1.05
x = lambda steps: LEFT + steps / most_steps * (WIDTH - LEFT - RIGHT)
y = lambda megabytes: HEIGHT - BOTTOM - megabytes / most * (HEIGHT - TOP - BOTTOM)
unit = next(size for size in (50, 100, 200, 500, 1000, 2000, 5000) if most / size <= 6)
parts = [
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="13">',
    "<title>Peak memory of training by the number of inner steps</title>",
    f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
]
for tick in range(0, int(most) + 1, unit):
    parts.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/><text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick}</text>')
for steps in sorted({row[1] for row in rows}):
    parts.append(f'<text x="{x(steps):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{steps}</text>')
for name in NAMES:
    points = sorted((at, peak) for one, at, peak, _ in rows if one == name)
    line = " ".join(f"{x(at):.1f},{y(peak):.1f}" for at, peak in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
    parts += [f'<circle cx="{x(at):.1f}" cy="{y(peak):.1f}" r="3" fill="{COLOURS[name]}"/>' for at, peak in points]
    parts.append(f'<text x="{x(points[-1][0]) + 8:.1f}" y="{y(points[-1][1]) + 4:.1f}" fill="{COLOURS[name]}">{NAMES[name]}</text>')
parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">inner steps</text>')
parts.append(f'<text transform="translate(16 {(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle">MB above the idle program</text></svg>')
open(sys.argv[2], "w").write("\n".join(parts) + "\n")
