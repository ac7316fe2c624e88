import type { CellState } from '../../core/outage.ts'
import type { Style } from '../../report/style.ts'

/** Colour of a cell by its state. */
export const stateStyle =
  (style: Style) =>
  (state: CellState, text: string): string =>
    state === 'proven'
      ? style.good(text)
      : state === 'regressed'
        ? style.bad(text)
        : state === 'armed'
          ? style.warning(text)
          : style.faint(text)
