// The one scale of all matrices: dark blue for the lowest number, grey for zero, pale yellow for
// the highest. Lightness only rises along it, so it reads in grey too, and blue and yellow are
// told apart by readers who see red and green alike (Nuñez, Anderton & Renslow 2018, "Optimizing
// colormaps with consideration for color vision deficiency", has cividis, which this is close to).

const STOPS = [
  [-1, 16, 42, 88],
  [-0.5, 68, 88, 121],
  [0, 138, 144, 152],
  [0.5, 201, 186, 141],
  [1, 250, 229, 142],
];
const SHADES = 256;
const shades = Array.from({ length: SHADES + 1 }, (_, k) => shadeAt((2 * k) / SHADES - 1));
// Letters on it: white on the darker half, black on the lighter one.
const LIGHT_FROM = -0.28;

function shadeAt(place) {
  const upper = Math.max(
    1,
    STOPS.findIndex(([at]) => at >= place),
  );
  const [from, to] = [STOPS[upper - 1], STOPS[upper]];
  const part = (place - from[0]) / (to[0] - from[0]);
  const channel = (k) => Math.round(from[k] + part * (to[k] - from[k]));
  return `rgb(${channel(1)} ${channel(2)} ${channel(3)})`;
}

// The colour of a number on a scale from -limit to limit.
export function shade(value, limit) {
  const place = Math.max(-1, Math.min(1, value / (limit || 1)));
  return shades[Math.round(((place + 1) * SHADES) / 2)];
}

export function inkOn(value, limit) {
  return value / (limit || 1) < LIGHT_FROM ? "#ffffff" : "#101418";
}

// The largest size among numbers, at least `least`: what a scale reaches to.
export function reach(numbers, least = 1e-9) {
  let largest = least;
  for (const value of numbers) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest;
}
