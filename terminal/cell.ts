/**
 * Text with a meaning, before it has a colour: rows of cells, and their rendering with ANSI codes or without.
 */

/** What a piece of text means to the reader. */
export type Tone = "plain" | "strong" | "faint" | "good" | "warning" | "bad" | "accent";

/** A piece of a row. Its text has no line breaks, control characters or escapes. */
export interface Cell {
  text: string;
  tone: Tone;
}

/** One line of the screen. */
export type Row = readonly Cell[];

/** The 16 colours that every terminal lets its user choose; so they are legible on dark and on light. */
const CODES: Record<Exclude<Tone, "plain">, string> = {
  strong: "1",
  faint: "2",
  good: "32",
  warning: "33",
  bad: "31",
  accent: "36",
};

export function cell(text: string, tone: Tone = "plain"): Cell {
  return { text, tone };
}

/** Lines of the screen, without a trailing line break; blanks at the ends of lines are dropped. */
export function renderRows(rows: readonly Row[], colour: boolean): string {
  return rows.map((row) => renderRow(row, colour)).join("\n");
}

function renderRow(row: Row, colour: boolean): string {
  if (!colour) return plainText(row).trimEnd();
  return row
    .map(({ text, tone }) =>
      tone === "plain" || text.trim() === "" ? text : `\u001B[${CODES[tone]}m${text}\u001B[0m`,
    )
    .join("")
    .trimEnd();
}

/** The text of a row; its length is its width on the screen. */
export function plainText(row: Row): string {
  return row.map(({ text }) => text).join("");
}

/**
 * Text from elsewhere with blanks for what a terminal obeys instead of showing: escapes, line breaks, and what turns the direction of text or
 * cannot be seen.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

/** Text from elsewhere made safe for one line of at most `width` columns: printable, cut with an ellipsis. */
export function oneLine(text: string, width: number): string {
  const safe = printable(text).trim();
  if (safe.length <= width) return safe;
  return width < 1 ? "" : `${safe.slice(0, width - 1)}…`;
}

/** A row cut to at most `width` columns; where text is lost, an ellipsis says so. */
export function cutRow(row: Row, width: number): Row {
  let room = width;
  const kept: Cell[] = [];
  for (const { text, tone } of row) {
    if (text.length > room) {
      // Blanks that are lost are no loss.
      if (room > 0)
        kept.push({
          text: text.trimEnd().length <= room ? text.slice(0, room) : `${text.slice(0, room - 1)}…`,
          tone,
        });
      return kept;
    }
    kept.push({ text, tone });
    room -= text.length;
  }
  return kept;
}

/** A text in lines of at most `width` columns, broken at blanks; a word that is wider stands alone, for addresses are copied whole. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
