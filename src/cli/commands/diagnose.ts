import { writeFileSync } from 'node:fs'
import { AntemortemError } from '../../core/error.ts'
import type { Bundle, Diagnosis } from '../../core/diagnosis.ts'
import { canonicalJson } from '../../core/json.ts'
import { diagnose } from '../../diagnosis/diagnose.ts'
import { causes } from '../../diagnosis/causes.generated.ts'
import { suspects } from '../../diagnosis/suspects.generated.ts'
import { bundleLimitBytes, readBundle } from '../../shapes/bundle.ts'
import { diagnosisJson } from '../../shapes/diagnosis.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { diagnoseNow } from '../diagnosing.ts'
import { readTextFile } from '../read-text.ts'
import { diagnosisText } from '../text/diagnosis.ts'

const bundleLimits = { mostBytes: bundleLimitBytes, what: 'bundle', hint: 'Name the file that --bundle wrote.' }

/** One diagnosis now, or again from a bundle: then nothing but the file is looked at. */
export default defineCommand({
  name: 'diagnose',
  summary: 'what is wrong, why we say so, what it is not, what to do',
  arguments: [{ name: '[cluster]', summary: 'its name in the configuration; needed only where there are several' }],
  options: [
    { flags: '--from <bundle>', summary: 'judge a bundle again, without any server' },
    { flags: '--bundle <out>', summary: 'write everything that the diagnosis used to this file' },
  ],
  example: 'antemortem diagnose --bundle incident.json',
  formats: ['text', 'json'],
  async run(context) {
    const from = context.options.text('from')
    const taken =
      from === null
        ? (await diagnoseNow(context, context.args[0] ?? null)).bundle
        : readBundle(readTextFile(from, bundleLimits), from)
    const diagnosis = diagnose(taken.case, causes, suspects)
    const out = context.options.text('bundle')
    if (out !== null) writeBundle(out, taken)
    print(diagnosis, context)
    const isSeen = taken.case.snapshot.nodes.some(({ facts }) => facts.server.seen)
    // No server was looked at: what may be said of it is a guess, unless its host or its log has told.
    if (!isSeen && diagnosis.verdict !== 'confirmed') return 3
    return diagnosis.verdict === 'healthy' ? 0 : 1
  },
})

function print(diagnosis: Diagnosis, { format, out, style, width }: CommandContext): void {
  if (format === 'json') out.json(diagnosisJson(diagnosis))
  else for (const line of diagnosisText(diagnosis, style, width)) out.line(line)
}

function writeBundle(file: string, taken: Bundle): void {
  try {
    writeFileSync(file, `${canonicalJson(taken)}\n`, { mode: 0o600 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new AntemortemError(
      'bundle-unwritable',
      `${file}: ${code}`,
      'Name a file in a directory that this user may write to.',
      { exit: 2, cause: error },
    )
  }
}
