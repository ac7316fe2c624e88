import type { CommandEntry } from './command.ts'

/** Every command, in the order in which help shows them. A file is loaded only when its command is typed. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'init',
    summary: 'look at servers and write antemortem.yaml: nodes, contracts, what is missing, the grants',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'status',
    summary: 'the topology as a tree: roles, lag, who could take over, what is wrong in a word',
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'check',
    summary: 'a one-shot audit: findings with evidence and remedy',
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'accept',
    summary: 'the present settings, access rules and settings files are the last known good',
    load: () => import('./commands/accept.ts'),
  },
  {
    name: 'watch',
    summary: 'look every second; open incidents, name causes',
    load: () => import('./commands/watch.ts'),
  },
  {
    name: 'diagnose',
    summary: 'what is wrong, why we say so, what it is not, what to do',
    load: () => import('./commands/diagnose.ts'),
  },
  {
    name: 'verify',
    summary: 'do all nodes hold the same rows: every row of every table, and what differs',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'mend',
    summary: 'make a plan from the diagnosis; carry it out, resume it, take it back',
    load: () => import('./commands/mend.ts'),
  },
  {
    name: 'integrity',
    summary: 'physical damage: what is lost, which node still has it, and what mends it',
    load: () => import('./commands/integrity.ts'),
  },
  {
    name: 'contract test',
    summary: 'connect as the application does, and say which layer fails',
    load: () => import('./commands/contract-test.ts'),
  },
  {
    name: 'gate',
    summary: 'run an updater between two looks: what it changed, what nobody declared, what that breaks',
    load: () => import('./commands/gate.ts'),
  },
  {
    name: 'gate review',
    summary: 'read a change, and say what of it stops or silently breaks replication',
    load: () => import('./commands/gate-review.ts'),
  },
  {
    name: 'gate rehearse',
    summary: 'run a change on a copy of the topology, and say what it would break',
    load: () => import('./commands/gate-rehearse.ts'),
  },
  {
    name: 'gate apply',
    summary: 'apply a rehearsed change to production, test it there, and take it back where it fails',
    load: () => import('./commands/gate-apply.ts'),
  },
  {
    name: 'drill list',
    summary: 'the outages that can be re-enacted, and their look-alikes',
    load: () => import('./commands/drill-list.ts'),
  },
  {
    name: 'drill run',
    summary: 're-enact outages in a lab: noticed, named, mended, refused the second time',
    load: () => import('./commands/drill-run.ts'),
  },
  {
    name: 'coverage',
    summary: 'which of the outages that we already had could still happen today',
    load: () => import('./commands/coverage.ts'),
  },
  {
    name: 'demo',
    summary: 'five past outages on real servers, beside what their teams did',
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'lab up',
    summary: 'start a primary, a standby, a logical subscriber and a login application',
    load: () => import('./commands/lab-up.ts'),
  },
  {
    name: 'lab down',
    summary: 'stop a lab and remove its directory',
    load: () => import('./commands/lab-down.ts'),
  },
  {
    name: 'host-read',
    summary: 'the other end of `host: { ssh: … }`: a forced command in authorized_keys, reads only',
    load: () => import('./commands/host-read.ts'),
  },
]
