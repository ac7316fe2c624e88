import type { DrillResult } from '../../core/drill.ts'
import { duration } from '../../report/duration.ts'
import type { Style } from '../../report/style.ts'
import { table } from '../../report/table.ts'
import { wrap } from '../../report/wrap.ts'
import type { Story } from './stories.ts'

/** From here on there is room for the outage's name beside its number. */
const roomy = 104

const none = '–'
const minutes = (value: number | null): string => (value === null ? none : duration(value * 60_000))
const ms = (value: number | null | undefined): string =>
  value === null || value === undefined ? none : duration(value)

/** All outages: what their teams needed, and what it takes now. */
export function outcomeText(
  told: readonly { readonly story: Story; readonly result: DrillResult }[],
  { style, width }: { readonly style: Style; readonly width: number },
): readonly string[] {
  const rows = told.map(({ story, result: { id, original, prevented, noticed, named, recovered } }) => [
    width >= roomy ? `${id}  ${story.short}` : id,
    `${minutes(original.toCauseMin)} / ${minutes(original.totalMin)}`,
    prevented ? style.good(ms(prevented.ms)) : style.bad(none),
    style.good(ms(noticed.ms)),
    named.correct ? style.good(ms(named.ms)) : style.bad(none),
    named.correct ? (named.cause ?? none) : style.bad(named.cause === null ? 'not named' : `${named.cause}, wrong`),
    recovered?.verified ? style.good(ms(recovered.ms)) : none,
  ])
  const head = [width >= roomy ? 'outage' : '', 'the team needed', 'prevented', 'noticed', 'named', 'cause', 'mended']
  return [
    ...table([head.map((text) => style.strong(text)), ...rows], {
      align: ['left', 'left', 'right', 'right', 'right'],
      width,
    }),
    '',
    ...wrap(
      'The team needed: to the cause / in all. Prevented: until the gate refused the change. Noticed: after the first failed login. Named: after the trigger.',
      width,
    ).map(style.faint),
  ]
}
