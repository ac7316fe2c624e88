import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { ReviewReport } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import { rules as rehearsalRules } from '../rules.generated.ts'
import type { Login, NotRead, ReviewInput, Topology } from './input.ts'
import { judgeReview } from './judge.ts'
import { readFiles, type ReviewFile } from './read/read-files.ts'
import { askProduction, readTopology } from './read-topology.ts'
import { reviewRules } from './rules.generated.ts'
import { askSquawk } from './squawk.ts'

export interface ReviewOptions {
  readonly files: readonly ReviewFile[]
  /** null: the text alone. */
  readonly cluster: ClusterConfig | null
  /** By which the applications of the contracts come in. */
  readonly logins: readonly Login[]
  /** Of those that could not be read, and why. */
  readonly unread?: readonly string[]
  readonly failOn: Severity
  /** `YYYY-MM-DD` */
  readonly today: string
  readonly signal: AbortSignal
  readonly progress?: (words: string) => void
}

/** Reads a change and says what speaks against it. The cluster, where there is one, is only read. */
export async function review(options: ReviewOptions): Promise<ReviewReport> {
  const { files, cluster, logins, unread = [], failOn, today, signal, progress = () => undefined } = options
  const blind: string[] = []
  let topology: Topology | null = null
  if (cluster !== null) {
    progress('reading the cluster')
    try {
      const read = await readTopology(cluster, logins, signal)
      topology = read.topology
      blind.push(...read.blind)
    } catch (error) {
      if (!(error instanceof AntemortemError) || error.exit !== 3) throw error
      blind.push(`${error.message}: the text alone was reviewed`)
    }
  }
  const text: ReviewInput = { ...(await readFiles(files, topology)), topology, probes: [], today }
  refuseUnknown(text)
  // Access rules are judged by who comes in.
  if (text.accessFiles.length > 0) blind.push(...unread)
  progress('asking production')
  const asked = cluster === null ? { topology, probes: [], notes: [] } : await askProduction(text, cluster, signal)
  const input = { ...text, topology: asked.topology, probes: asked.probes }
  const others = await askSquawk(input, files, signal)
  const { verdict, findings, notes } = judgeReview(input, { rules: reviewRules, others: others.findings, failOn })
  return {
    verdict,
    findings,
    notes: [...notes, ...asked.notes, ...others.notes, ...input.notRead.map(notReadWords)],
    blind,
    statements: input.statements.filter(({ isNew, inBlock }) => isNew && !inBlock).length,
    basis: topology === null ? 'text' : 'topology',
  }
}

const notReadWords = ({ file, line, words }: NotRead): string => `not seen: ${file}:${line}: ${words}`

/** Review and rehearsal read the same comments: each knows the rules of both. */
function refuseUnknown({ statements, settings, accessFiles }: ReviewInput): void {
  const known = [...reviewRules, ...rehearsalRules].map(({ id }) => id)
  const places = [...statements, ...settings.map(({ at }) => at), ...accessFiles.map(({ at }) => at)]
  for (const { file, ignores } of places)
    for (const { rule, line } of ignores)
      if (!known.includes(rule))
        throw new AntemortemError(
          'change-ignore',
          `${file}:${line}: there is no gate rule "${rule}"`,
          `The rules are: ${known.join(', ')}`,
          { exit: 2 },
        )
}
