import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** After the restart nobody finds it where it was. */
const moves = new Set(['port', 'listen_addresses', 'unix_socket_directories'])

/** A change that somebody made and nobody has felt yet: it comes with the next restart, planned or not. */
export default defineCheck({
  id: 'configuration/pending-restart',
  on: ['postgres'],
  severity: 'warning',
  needs: ['pendingRestart'],
  wants: ['settings', 'fileSettings'],
  limits: {
    sustainMs: { default: 3_600_000, unit: 'ms', why: 'a change that waits for its restart is ordinary for an hour' },
  },
  sustainMs: 'sustainMs',
  question: 'Does any setting wait for a restart?',
  seeds: [2, 4],
  *run({ nodes }) {
    for (const node of nodes)
      for (const name of node.pendingRestart) {
        const now = node.wanted.settings?.[name] ?? null
        const line = node.wanted.fileSettings?.findLast((each) => each.name === name)
        yield {
          subject: subject.setting(node.name, name),
          node: node.name,
          severity: moves.has(name) ? 'error' : 'warning',
          message: `the next restart of ${node.name} changes ${name}${now === null ? '' : ` from ${now}`}${line?.value == null ? '' : ` to ${line.value}`}`,
          evidence: {
            name,
            setting: now,
            after_restart: line?.value ?? null,
            sourcefile: line?.file ?? null,
            sourceline: line?.line ?? null,
          },
          remedy: `If it is meant, restart ${node.name} at a time of your choice, standbys first. If not, take it out of the file (or: alter system reset ${name};), then: select pg_reload_conf();`,
        }
      }
  },
})
