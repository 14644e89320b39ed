/** The arrowheads that all lines share. */
export function EdgeMarkers() {
  return (
    <svg className="absolute size-0" aria-hidden>
      <defs>
        {(
          [
            ["arrow", "var(--faint)"],
            ["arrow-selected", "var(--accent)"],
            ["arrow-wrong", "var(--bad)"],
          ] as const
        ).map(([id, colour]) => (
          <marker
            key={id}
            id={id}
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="9"
            markerHeight="9"
            markerUnits="userSpaceOnUse"
            orient="auto-start-reverse"
          >
            <path d="M1 1.500 9 5 1 8.500z" fill={colour} />
          </marker>
        ))}
      </defs>
    </svg>
  );
}
