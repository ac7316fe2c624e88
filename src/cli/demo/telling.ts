import type { CommandContext } from '../command.ts'

/** What every part of the demo speaks with. */
export interface Telling extends Pick<CommandContext, 'style' | 'width' | 'signal' | 'progress' | 'note'> {
  readonly line: (text?: string) => void
  readonly seed: number
}
