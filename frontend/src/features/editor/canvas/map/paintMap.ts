/** Draws the map with filled rectangles alone where it can: they cost a tenth of paths, and there are thousands. */
import type { Viewport } from "@xyflow/react";
import { FRAME, type Frame } from "@/model/groups";
import { CARD, type Rect } from "@/model/place";
import type { Tone } from "@/ui";
import type { MapCard, MapLine, MapScene } from "./scene";

export interface MapColours extends Readonly<Record<Tone, string>> {
  readonly surface: string;
  readonly border: string;
  readonly line: string;
  readonly text: string;
  readonly accent: string;
  readonly selected: string;
  readonly sunken: string;
}

export interface Area {
  readonly width: number;
  readonly height: number;
}

/** Below this zoom a name would be a grey smear. */
const NAMED_FROM = 0.17;
const GLYPHS_FROM = 0.1;
const NAME_SIZE = 40;
const TITLE_SIZE = 11;

/** Draws what lies inside `area`; `view` takes coordinates of the graph to pixels of the canvas. */
export function paintMap(
  ctx: CanvasRenderingContext2D,
  scene: MapScene,
  view: Viewport,
  area: Area,
  colours: MapColours,
): void {
  ctx.clearRect(0, 0, area.width, area.height);
  for (const frame of scene.frames) paintFrame(ctx, frame, view, area, colours);
  for (const line of scene.lines)
    if (!line.lit) paintLine(ctx, line, view, area, line.wrong ? colours.bad : colours.line);
  for (const line of scene.lines) if (line.lit) paintLine(ctx, line, view, area, colours.accent);
  const { zoom } = view;
  const [width, height] = [Math.max(2, Math.round(CARD.width * zoom)), Math.max(1, Math.round(CARD.height * zoom))];
  const glyph = Math.min(height * 0.5, 9);
  ctx.font = `500 ${NAME_SIZE * zoom}px "Inter Variable", sans-serif`;
  ctx.textBaseline = "middle";
  for (const card of scene.cards) {
    const x = Math.round(card.at.x * zoom + view.x);
    const y = Math.round(card.at.y * zoom + view.y);
    if (x > area.width || y > area.height || x + width < 0 || y + height < 0) continue;
    paintCard(ctx, card, { x, y, width, height }, colours);
    if (zoom >= GLYPHS_FROM && card.tone)
      paintGlyph(ctx, card, x + 3 + glyph / 2, y + height / 2, glyph, colours[card.tone]);
    if (zoom < NAMED_FROM) continue;
    const left = card.tone ? glyph + 6 : 4;
    ctx.fillStyle = colours.text;
    ctx.fillText(clipped(card.name, (width - left - 2) / (NAME_SIZE * zoom)), x + left, y + height / 2 + 0.5);
  }
  for (const frame of scene.frames) paintTitle(ctx, frame, view, area, colours);
}

function paintFrame(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  view: Viewport,
  area: Area,
  colours: MapColours,
): void {
  const rect = onScreen(frame, view, area);
  if (rect === null) return;
  const { x, y, width, height } = rect;
  ctx.fillStyle = colours.border;
  ctx.fillRect(x, y, width, height);
  ctx.fillStyle = colours.sunken;
  ctx.fillRect(x + 1, y + 1, width - 2, height - 2);
}

/** As large at every zoom: where there is no room above the cards it lies on the border of the frame. */
function paintTitle(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  view: Viewport,
  area: Area,
  colours: MapColours,
): void {
  const rect = onScreen(frame, view, area);
  if (rect === null || rect.width < 4 * TITLE_SIZE || rect.height < 2 * TITLE_SIZE) return;
  const room = FRAME.top * view.zoom - TITLE_SIZE - 4;
  const [x, y] = [rect.x + 2, rect.y + (room < 0 ? -TITLE_SIZE / 2 - 2 : 2 + room / 2)];
  const text = clipped(frame.title, (rect.width - 10) / TITLE_SIZE);
  ctx.font = `600 ${TITLE_SIZE}px "Inter Variable", sans-serif`;
  ctx.fillStyle = colours.sunken;
  ctx.fillRect(x, y, ctx.measureText(text).width + 6, TITLE_SIZE + 2);
  ctx.fillStyle = colours.text;
  ctx.fillText(text, x + 3, y + TITLE_SIZE / 2 + 1);
}

function onScreen({ x, y, width, height }: Rect, view: Viewport, area: Area): Rect | null {
  const [left, top] = [Math.round(x * view.zoom + view.x), Math.round(y * view.zoom + view.y)];
  const [wide, high] = [Math.round(width * view.zoom), Math.round(height * view.zoom)];
  if (left > area.width || top > area.height || left + wide < 0 || top + high < 0) return null;
  return { x: left, y: top, width: wide, height: high };
}

function paintCard(
  ctx: CanvasRenderingContext2D,
  card: MapCard,
  { x, y, width, height }: Rect,
  colours: MapColours,
): void {
  // Too small for a border and a glyph: the whole card takes the colour of its health, or of what becomes of it.
  if (height < 5) {
    ctx.fillStyle = edgeOf(card, colours) ?? (card.tone ? colours[card.tone] : colours.border);
    ctx.fillRect(x, y, width, height);
    return;
  }
  const thick = card.selected && height > 6 ? 2 : 1;
  ctx.fillStyle = edgeOf(card, colours) ?? colours.border;
  ctx.fillRect(x, y, width, height);
  ctx.fillStyle = card.selected ? colours.selected : card.change?.gone ? colours.sunken : colours.surface;
  ctx.fillRect(x + thick, y + thick, width - 2 * thick, height - 2 * thick);
  if (height >= GLYPHS_FROM * CARD.height || card.tone === null) return;
  ctx.fillStyle = colours[card.tone];
  ctx.fillRect(x + thick, y + thick, Math.max(2, Math.round(width / 5)), height - 2 * thick);
}

function edgeOf(card: MapCard, colours: MapColours): string | null {
  if (card.selected) return colours.accent;
  if (card.change && card.change.tone !== "idle") return colours[card.change.tone];
  return card.wrong === "error" ? colours.bad : card.wrong === "warning" ? colours.warn : null;
}

/** The shape tells the health, not the colour alone. */
function paintGlyph(
  ctx: CanvasRenderingContext2D,
  card: MapCard,
  x: number,
  y: number,
  size: number,
  colour: string,
): void {
  const half = size / 2;
  ctx.fillStyle = ctx.strokeStyle = colour;
  if (card.change) {
    const font = ctx.font;
    ctx.font = `700 ${size * 1.6}px "JetBrains Mono Variable", monospace`;
    ctx.fillText(card.change.mark, x - half, y + 0.5);
    ctx.font = font;
    return;
  }
  ctx.lineWidth = 1.2;
  ctx.beginPath();
  switch (card.shape) {
    case "square":
      ctx.rect(x - half, y - half, size, size);
      break;
    case "triangle":
      ctx.moveTo(x, y - half);
      ctx.lineTo(x + half, y + half);
      ctx.lineTo(x - half, y + half);
      ctx.closePath();
      break;
    case "pause":
      ctx.rect(x - half, y - half, size / 3, size);
      ctx.rect(x + half - size / 3, y - half, size / 3, size);
      break;
    default:
      ctx.arc(x, y, half, 0, 2 * Math.PI);
  }
  if (card.stale || card.shape === "ring" || card.shape === "half") ctx.stroke();
  else ctx.fill();
}

function paintLine(
  ctx: CanvasRenderingContext2D,
  { from, to }: MapLine,
  { x, y, zoom }: Viewport,
  area: Area,
  colour: string,
): void {
  const [x1, y1] = [(from.x + CARD.width) * zoom + x, (from.y + CARD.height / 2) * zoom + y];
  const [x2, y2] = [to.x * zoom + x, (to.y + CARD.height / 2) * zoom + y];
  if (Math.max(x1, x2) < 0 || Math.min(x1, x2) > area.width || Math.max(y1, y2) < 0 || Math.min(y1, y2) > area.height)
    return;
  const middle = (x1 + x2) / 2;
  ctx.fillStyle = colour;
  bar(ctx, x1, y1, middle, y1);
  bar(ctx, middle, y1, middle, y2);
  bar(ctx, middle, y2, x2, y2);
}

/** A line along one axis, one pixel thick. */
function bar(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  const [left, top] = [Math.round(Math.min(x1, x2)), Math.round(Math.min(y1, y2))];
  ctx.fillRect(left, top, Math.max(1, Math.round(Math.abs(x2 - x1))), Math.max(1, Math.round(Math.abs(y2 - y1))));
}

/** `room` is in widths of the font's size. Measuring each name would cost more than drawing it. */
function clipped(name: string, room: number): string {
  const letters = Math.floor(room / 0.58);
  return name.length <= letters ? name : `${name.slice(0, Math.max(1, letters - 1))}…`;
}
