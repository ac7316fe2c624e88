/* oxlint-disable unicorn/no-thenable -- `then` is the published name of what the original team needed, and plain data */
import { table } from '../../report/table.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'drill list',
  summary: 'the outages that can be re-enacted, and their look-alikes',
  example: 'antemortem drill list',
  formats: ['text', 'json'],
  async run({ format, out, style, width }) {
    const { drills } = await import('../../drills/list.generated.ts')
    if (format === 'json')
      out.json({
        drills: drills.map(({ id, title, kind, original }) => ({
          id,
          title,
          kind,
          then: { to_cause_min: original.toCauseMin, total_min: original.totalMin },
        })),
      })
    else
      for (const line of table(
        drills.map(({ id, title, kind, original }) => [
          style.name(id),
          kind,
          title + (original.totalMin === null ? '' : style.faint(`  (${original.totalMin} min)`)),
        ]),
        { width },
      ))
        out.line(line)
  },
})
