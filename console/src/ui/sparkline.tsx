const WIDTH = 96;
const HEIGHT = 24;

/** The shape of the last values, oldest left; the scale begins at zero. Nothing to draw before there are two. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  if (values.length < 2) return <div style={{ height: HEIGHT }} />;
  const highest = Math.max(...values, Number.EPSILON);
  const place = (value: number, index: number): string => {
    const x = (index / (values.length - 1)) * WIDTH;
    const y = HEIGHT - 2 - (value / highest) * (HEIGHT - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const line = values.map(place).join(' ');
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-6 w-full text-accent"
      aria-hidden="true"
    >
      <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} fill="currentColor" opacity="0.1" />
      <polyline points={line} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
