import { styleText } from 'node:util'

export type Paint = (text: string) => string

/** Words for a terminal: by what they mean, so that a colour is chosen in one place. */
export interface Style {
  readonly isPlain: boolean
  readonly strong: Paint
  readonly faint: Paint
  readonly good: Paint
  readonly warning: Paint
  readonly bad: Paint
  readonly name: Paint
}

type Format = Parameters<typeof styleText>[0]

export function makeStyle(colour: boolean): Style {
  const paint =
    (format: Format): Paint =>
    (text) =>
      colour && text !== '' ? styleText(format, text, { validateStream: false }) : text
  return {
    isPlain: !colour,
    strong: paint('bold'),
    faint: paint('dim'),
    good: paint('green'),
    warning: paint('yellow'),
    bad: paint(['bold', 'red']),
    name: paint('cyan'),
  }
}

export interface ColourWishes {
  /** `--no-color`. */
  readonly refused: boolean
  readonly isTerminal: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

/** https://no-color.org: the variable counts when it is not empty. FORCE_COLOR is for CI systems that show colours without a terminal. */
export function wantsColour({ refused, isTerminal, env }: ColourWishes): boolean {
  if (refused || env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTerminal && env['TERM'] !== 'dumb'
}
