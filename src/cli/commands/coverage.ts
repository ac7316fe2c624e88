import { atLeastPercent, readOutages, knownGuards } from '../outages.ts'
import { coverage, percentProven } from '../../guards/coverage.ts'
import { coverageText } from '../../guards/print.ts'
import { outageJson } from '../../shapes/outage.ts'
import { openStore } from '../../store/open.ts'
import { existsSync } from 'node:fs'
import { defineCommand } from '../command.ts'
import { findConfig } from '../configuration.ts'
import { program } from '../program.ts'
import { stateStyle } from '../text/coverage.ts'
import type { Proof } from '../../core/proof.ts'

/** Past outages against prevent, detect, diagnose, recover. Derived from guards and their proofs; nothing is ticked by hand. */
export default defineCommand({
  name: 'coverage',
  summary: 'which of the outages that we already had could still happen today',
  options: [{ flags: '--fail-under <percent>', summary: 'exit 1 when less than this share of the cells is proven' }],
  example: 'antemortem coverage --fail-under 80',
  formats: ['text', 'json'],
  async run(context) {
    const percent = context.options.number('fail-under')
    const hasConfig = existsSync(findConfig(process.cwd(), context.options.text('config')))
    const configuration = hasConfig || context.options.text('config') !== null ? await context.config() : null
    const proofs = await proofsIn(configuration?.store ?? 'sqlite:antemortem.db')
    const sources = readOutages(configuration?.postmortems ?? null, context.note)
    const outages = coverage(sources, proofs, {
      atMs: Date.now(),
      program,
      known: knownGuards(configuration?.clusters),
    })
    if (context.format === 'json')
      context.out.json({
        outages: outages.map(outageJson),
        percent_proven: Math.round(percentProven(outages) * 10) / 10,
      })
    else
      for (const line of coverageText(outages, stateStyle(context.style)).trimEnd().split('\n')) context.out.line(line)
    return atLeastPercent(outages, percent) ? 0 : 1
  },
})

async function proofsIn(url: string): Promise<readonly Proof[]> {
  // A store that nobody has written to yet has no proofs, and looking must not make it.
  if (!existsSync(url.replace(/^sqlite:/, ''))) return []
  const store = await openStore(url, { clock: Date.now })
  try {
    return await store.proofs()
  } finally {
    await store.close()
  }
}
