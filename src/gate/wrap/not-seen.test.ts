import { expect, test } from 'vitest'
import { touched } from '../../../test/builders.ts'
import { unseen } from '../../core/observation.ts'
import { notSeenIn } from './not-seen.ts'
import { contractSeen, moment, rowsOf } from './testing/wrapped.ts'

const cluster = {
  name: 'auth',
  engine: 'postgres',
  nodes: [],
  contracts: [],
  fence: 'message',
  invariants: [],
} as const

test('where all was seen only the missing contract is told', () => {
  const all = moment({}, { contracts: [contractSeen('primary')] })
  expect(notSeenIn(cluster, { before: all, after: all, kept: new Set(['/srv/.env']) }, ['/srv/.env'])).toEqual([
    'whether the application still gets in: no contract is configured, so that nobody has tried',
  ])
})

test('what was not read is told once for each reason, with its tables and nodes', () => {
  const refused = { code: '42501', words: 'permission denied for table a' }
  const seen = moment(
    { facts: { touched: [touched('users', { verdict: 'unverifiable', detail: 'no key' })] } },
    {
      contents: [
        rowsOf('primary', 'users', 3),
        { ...rowsOf('primary', 'a', 0), contents: null, unread: refused },
        {
          ...rowsOf('primary', 'b', 0),
          contents: null,
          unread: { code: '42501', words: 'permission denied for table b' },
        },
      ],
    },
  )
  const blind = {
    ...seen,
    snapshot: {
      ...seen.snapshot,
      nodes: seen.snapshot.nodes.map((node) => ({
        ...node,
        facts: { ...node.facts, accessRules: unseen('no-privilege', 'no grant', 'grant it') },
      })),
    },
  }
  expect(notSeenIn(cluster, { before: seen, after: blind, kept: new Set() }, ['/srv/.env']).slice(1)).toEqual([
    'the bytes of /srv/.env: it was not there before the command, or may not be read by this user',
    'changes of access rules on primary, standby, subscriber: no grant',
    'changes in the rows of public.a, public.b on primary: permission denied for table a',
    'whether public.users on subscriber has the rows of primary: no key',
  ])
})
