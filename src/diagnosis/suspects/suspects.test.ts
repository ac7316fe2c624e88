import { describe, expect, test } from 'vitest'
import {
  canary,
  caseOf,
  change,
  contract,
  contracts,
  finding,
  host,
  outcomes,
  settingsFile,
  snapshot,
  t0,
  touched,
  type Cluster,
} from '../../../test/builders.ts'
import applicationCode from './application-code.ts'
import deployment from './deployment.ts'
import load from './load.ts'
import network from './network.ts'
import serverDown from './server-down.ts'

const implicated = (observation: ReturnType<typeof network.measure>): boolean | string =>
  observation.seen ? observation.value.implicated : observation.why

describe('network', () => {
  test('one slow path among fast ones is the network; all slow alike are not', () => {
    const paths = (...ms: readonly number[]) =>
      snapshot({
        facts: {
          paths: ms.map((each, i) => ({
            from: 'here',
            node: `n${i}`,
            atMs: t0,
            ok: true,
            reached: true,
            ms: each,
            detail: null,
          })),
        },
      })
    expect(implicated(network.measure(caseOf({ snapshot: paths(2, 3, 3000) })))).toBe(true)
    expect(implicated(network.measure(caseOf({ snapshot: paths(900, 950, 1000) })))).toBe(false)
  })
  test('a cut route to a node that another path reaches is the network; a node that nobody reaches is not', () => {
    const cut = contract('primary', { ok: false, layer: 'tcp' })
    expect(implicated(network.measure(caseOf({ snapshot: snapshot({ facts: { contracts: [cut] } }) })))).toBe(true)
    const dead = { from: 'here', node: 'primary', atMs: t0, ok: false, reached: false, ms: 1, detail: 'refused' }
    expect(
      implicated(network.measure(caseOf({ snapshot: snapshot({ facts: { contracts: [cut], paths: [dead] } }) }))),
    ).toBe(false)
  })
})

describe('network, in numbers', () => {
  const measure = (facts: NonNullable<Cluster['facts']>, primary: Cluster['primary'] = {}) => {
    const result = network.measure(caseOf({ snapshot: snapshot({ facts, primary }) }))
    return result.seen ? result.value : undefined
  }
  const path = (node: string, ms: number, reached = true, ok = reached) => ({
    from: 'here',
    node,
    atMs: t0,
    ok,
    reached,
    ms,
    detail: null,
  })

  test('number and verdict agree: how much slower than the fastest path, or how many paths are cut', () => {
    expect(measure({ paths: [path('a', 900), path('b', 1000)] })).toMatchObject({
      measured: 100,
      limit: 500,
      unit: 'ms more than by another path',
      implicated: false,
    })
    expect(measure({ paths: [path('a', 2), path('b', 3002)] })).toMatchObject({ measured: 3000, implicated: true })
    const cut = [contract('primary', { ok: false, layer: 'tcp' }), contract('primary', { ok: false, layer: 'dns' })]
    expect(measure({ contracts: cut })).toMatchObject({ measured: 2, limit: 0, implicated: true })
  })

  test('the time after which a dead node was given up is no slow path', () => {
    expect(measure({ paths: [path('a', 2), path('b', 5000, false)] })).toMatchObject({ measured: 0, implicated: false })
    expect(measure({ paths: [path('a', 5000, false)] })).toMatchObject({ measured: 0, limit: 0, implicated: false })
  })

  test('a refused login came over a path that works', () => {
    const refused = [path('primary', 3, true, false)]
    expect(measure({ paths: refused, contracts: [contract('primary')] })).toMatchObject({ implicated: false })
  })

  test('a canary that waits for a lock is not a slow path', () => {
    const late = contract('primary', { ok: false, layer: 'latency', ms: 5000 })
    const lock = { pid: 2, role: 'app', waitMs: 5000, blockerPid: 1, blockerRole: 'app', blockerState: 'idle' }
    const blocked = [{ ...lock, blockerXactMs: null, relation: 'public.users' }]
    const slow = { ...late, roundTripMs: 4000, directTripMs: 2 }
    expect(measure({ contracts: [slow] })).toMatchObject({ implicated: true })
    expect(measure({ contracts: [late] }, { blocked })).toMatchObject({ implicated: false })
  })

  test('settings that could not be read are no path', () => {
    const none = contract('primary', { ok: false, layer: null, ms: 0 })
    expect(measure({ contracts: [none], paths: [path('primary', 900)] })).toMatchObject({ measured: 0 })
  })
})

describe('network, where the application goes another way than the watcher', () => {
  const measure = (facts: NonNullable<Cluster['facts']>, more = {}) => {
    const result = network.measure(caseOf({ snapshot: snapshot({ facts }), ...more }))
    return result.seen ? result.value : undefined
  }
  const late = contract('subscriber', { ok: false, layer: 'latency', code: 'CLIENT_DEADLINE', ms: 2000 })

  test('1500 ms each way count as one round trip, a black hole as a cut', () => {
    expect(measure({ contracts: [{ ...late, roundTripMs: 3002, directTripMs: 1 }] })).toMatchObject({
      measured: 3001,
      implicated: true,
    })
    expect(measure({ contracts: [{ ...late, roundTripMs: null }] })).toMatchObject({ measured: 1, implicated: true })
  })

  test('a late answer on a quick way, and one of a server without a core left, are not the network', () => {
    expect(measure({ contracts: [{ ...late, roundTripMs: 4 }] })).toMatchObject({ implicated: false })
    const hosts = { hosts: [host('subscriber', { cpuBusy: 1 })], blind: [] }
    const load = { nodes: [{ node: 'subscriber', active: 60, band: 3 }] }
    expect(measure({ contracts: [late], hosts }, { load })).toMatchObject({ implicated: false })
  })

  test('a closed port to which only a rewritten file leads is not the network', () => {
    const refused = contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED' })
    const files = [settingsFile('app1', { DB_PORT: ['5432', '5499'] })]
    expect(measure({ contracts: [refused], files })).toMatchObject({ implicated: false })
  })
})

describe('load', () => {
  test('sessions that wait, on a host with cores left or for a lock, are no load', () => {
    const load40 = { nodes: [{ node: 'primary', active: 40, band: 4 }] }
    const at = (cpuBusy: number) => ({ hosts: { hosts: [host('primary', { cpuBusy })], blind: [] } })
    const measure = (cluster: Cluster) =>
      implicated(load.measure(caseOf({ load: load40, snapshot: snapshot(cluster) })))
    expect(measure({ facts: at(0.2) })).toBe(false)
    expect(measure({ facts: at(0.99) })).toBe(true)
    const sessions = { total: 50, active: 40, waitingForLock: 36, maxConnections: 100, reserved: 3 }
    expect(measure({ primary: { sessions } })).toBe(false)
  })

  test('is measured against the band that was learned, and not tested without one', () => {
    const at = (active: number, band: number | null) => caseOf({ load: { nodes: [{ node: 'primary', active, band }] } })
    expect(implicated(load.measure(at(40, 4)))).toBe(true)
    expect(implicated(load.measure(at(7, 4)))).toBe(false)
    expect(implicated(load.measure(at(40, null)))).toBe('no-history')
  })
})

describe('server-down', () => {
  test('a node that has not answered for seconds is implicated', () => {
    expect(implicated(serverDown.measure(caseOf({ unansweredMs: { primary: 9000, standby: 10 } })))).toBe(true)
    expect(implicated(serverDown.measure(caseOf()))).toBe(false)
  })
})

describe('server-down, where the host tells', () => {
  test('a server that runs on its host is not down, though nobody reaches it', () => {
    const at = (atMs: number) => snapshot({ facts: { hosts: { hosts: [host('primary', { atMs })], blind: [] } } })
    const unansweredMs = { primary: 9000, standby: 10 }
    expect(implicated(serverDown.measure(caseOf({ unansweredMs, snapshot: at(t0) })))).toBe(false)
    expect(implicated(serverDown.measure(caseOf({ unansweredMs, snapshot: at(t0 - 20_000) })))).toBe(true)
  })
})

test('a server that answers with a refusal, or a pooler in its place, is not down', () => {
  const path = { from: 'here', node: 'primary', atMs: t0, ok: false, reached: true, ms: 1, detail: 'a pooler answers' }
  const measured = (paths: readonly (typeof path)[]) =>
    serverDown.measure(
      caseOf({ unansweredMs: { primary: 9000, standby: 10 }, snapshot: snapshot({ facts: { paths } }) }),
    )
  expect(measured([path])).toMatchObject({
    value: { implicated: false, why: 'primary answers, and refuses us' },
  })
  expect(implicated(measured([{ ...path, atMs: t0 - 60_000 }]))).toBe(true)
})

describe('deployment', () => {
  test('what fails without any of its code is not a deployment’s, though one came just before', () => {
    const told = change('login', { kind: 'deployment' })
    const facts = {
      contracts: ['primary', 'standby', 'subscriber'].map((node) =>
        contract(node, { ok: false, layer: 'tcp', code: 'ECONNREFUSED', failures: 3 }),
      ),
      outcomes: outcomes({ primary: 'ECONNRESET', standby: 'ECONNRESET', subscriber: 'ECONNRESET' }),
    }
    expect(implicated(deployment.measure(caseOf({ snapshot: snapshot({ facts }), changes: [told] })))).toBe(false)
  })

  const failing = (by: Readonly<Record<string, string>>) => snapshot({ facts: { outcomes: outcomes(by) } })
  const told = change('login', { kind: 'deployment' })
  test('failures that follow the node clear it, deployed or not', () => {
    expect(
      implicated(
        deployment.measure(caseOf({ snapshot: failing({ subscriber: 'APP_NO_SUCH_USER' }), changes: [told] })),
      ),
    ).toBe(false)
  })
  test('failures everywhere after a deployment implicate it; without word of deployments it is not tested', () => {
    const everywhere = failing({ primary: 'APP_X', standby: 'APP_X', subscriber: 'APP_X' })
    expect(implicated(deployment.measure(caseOf({ snapshot: everywhere, changes: [told] })))).toBe(true)
    expect(implicated(deployment.measure(caseOf({ snapshot: everywhere })))).toBe('not-configured')
  })
})

describe('application-code', () => {
  test('is cleared by a node that answers wrong without the application, and honestly not tested without outcomes', () => {
    const wrong = contract('subscriber', { ok: false, layer: 'data' })
    const snap = snapshot({
      facts: { contracts: [...contracts().slice(0, 2), wrong], outcomes: outcomes({ subscriber: 'APP_X' }) },
    })
    expect(
      implicated(applicationCode.measure(caseOf({ snapshot: snap, findings: [finding('application/outcomes')] }))),
    ).toBe(false)
    expect(implicated(applicationCode.measure(caseOf()))).toBe('not-configured')
  })

  const measure = (facts: NonNullable<Cluster['facts']>) =>
    applicationCode.measure(caseOf({ snapshot: snapshot({ facts }) }))

  test('answers of the canary that differ are looked at before they are said to agree', () => {
    const facts = { canaries: [canary(['a', 'a', 'b'])], outcomes: outcomes({ subscriber: 'APP_X' }) }
    expect(measure(facts)).toMatchObject({ seen: true, value: { implicated: false, measured: 1 } })
    const everywhere = outcomes({ primary: 'APP_X', standby: 'APP_X', subscriber: 'APP_X' })
    const agree = { canaries: [canary()], outcomes: everywhere }
    expect(measure(agree)).toMatchObject({ seen: true, value: { implicated: true } })
  })

  test('failures on one node only, while the same code works on the others, do not implicate it', () => {
    const observation = measure({ canaries: [canary()], outcomes: outcomes({ subscriber: 'APP_X' }) })
    expect(observation).toMatchObject({ seen: false, detail: expect.stringContaining('works on the other nodes') })
  })

  test('failures on nodes that answer wrong and on others are told as they are, and it is not tested', () => {
    const observation = measure({
      canaries: [canary()],
      touched: [touched('users')],
      outcomes: outcomes({ primary: 'APP_X', subscriber: 'APP_X' }),
    })
    expect(observation).toMatchObject({
      seen: false,
      detail: expect.stringMatching(/fails on subscriber .* and on primary/),
    })
  })

  test('answers from before the application began to fail clear nobody and blame nobody', () => {
    const old = { ...canary(), atMs: t0 - 20_000 }
    expect(measure({ canaries: [old], outcomes: outcomes({ subscriber: 'APP_X' }) }).seen).toBe(false)
  })

  test('answers that differ while the primary gave none, and a node that was not asked, prove nothing', () => {
    const { answers } = canary(['a', 'a', 'b'])
    const failing = outcomes({ subscriber: 'APP_X' })
    for (const some of [answers.slice(1), answers.slice(0, 2)])
      expect(measure({ canaries: [{ ...canary(), answers: some }], outcomes: failing }).seen).toBe(false)
  })
})
