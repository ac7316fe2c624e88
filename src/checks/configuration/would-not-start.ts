import { defineCheck } from '../../core/check.ts'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { fileErrors } from '../../core/file-errors.ts'
import { startRefusals } from '../../core/start-refusals.ts'
import { subject } from '../../core/subject.ts'
import { unreadHosts } from '../../core/unread.ts'

/** A server runs on with files that it would not start with: the restart that everybody tries first is what ends it. */
export default defineCheck({
  id: 'configuration/would-not-start',
  on: ['postgres'],
  severity: 'error',
  needs: [],
  wants: ['fileSettings', 'pendingRestart', 'settings'],
  needsCluster: ['hosts'],
  question: 'Would each server start with the configuration files that it has now?',
  seeds: [2, 4],
  *run({ nodes, cluster }) {
    const names = new Set(
      [...nodes, ...cluster.hosts.hosts.map(({ node }) => ({ name: node }))].map(({ name }) => name),
    )
    for (const name of names) {
      const host = cluster.hosts.hosts.find(({ node }) => node === name)
      const facts: Partial<PostgresFacts> = nodes.find((node) => node.name === name)?.wanted ?? {}
      const lines =
        host?.configured ??
        (facts.fileSettings ?? []).flatMap((line) =>
          line.name === null || line.value === null ? [] : [{ name: line.name, value: line.value }],
        )
      const reasons = [
        // The text of a line that is no setting can be anything, a password too.
        ...(host?.misconfigured ?? []).map(({ file, line }) => `${file} line ${line} is no setting`),
        ...(host?.missingLibraries ?? []).map(
          (library) => `shared_preload_libraries names ${library}, which is not installed`,
        ),
        ...fileErrors(facts.fileSettings ?? [], facts).map(
          (line) => `${line.file} line ${line.line}: ${line.name ?? ''} ${line.error ?? ''}`,
        ),
        ...startRefusals(new Map(lines.map((line) => [line.name.toLowerCase(), line.value]))),
      ]
      const [first] = reasons
      if (first === undefined) continue
      const isDown = host?.postmaster === 'absent'
      yield {
        subject: subject.node(name),
        node: name,
        message: `${name} ${isDown ? 'does not run, and would not start' : 'runs, and would not start again'}: ${first}${reasons.length > 1 ? `, and ${reasons.length - 1} more` : ''}`,
        evidence: {
          postmaster: host?.postmaster ?? null,
          reasons: reasons.length,
          first,
          all: reasons.slice(0, 5).join('; '),
        },
        remedy: `${isDown ? '' : `Do not restart ${name}. `}Correct this in its files, then on its host, as the user of the server: postgres -C max_connections -D DATA_DIRECTORY must print a number and no error.`,
      }
    }
  },
  unseen: ({ cluster }) => unreadHosts(cluster.hosts, ['configuration', 'libraries']),
})
