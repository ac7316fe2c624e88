import { expect, test } from 'vitest'
import { withReleases, type ReleaseSaid } from './releases.ts'

const said = (atMs: number, instance: string, release: string): ReleaseSaid => ({ atMs, instance, release })

test('a roll-out over three instances is one deployment, at its first word', () => {
  const { known } = withReleases(new Map(), [said(1, 'app1', 'v1'), said(2, 'app2', 'v1'), said(3, 'app3', 'v1')])
  const { deployments, known: then } = withReleases(known, [
    said(10, 'app1', 'v2'),
    said(11, 'app2', 'v1'),
    said(12, 'app2', 'v2'),
    said(13, 'app3', 'v2'),
  ])
  expect(deployments).toEqual([{ atMs: 10, notBeforeMs: 1, before: 'v1', after: 'v2' }])
  expect(withReleases(then, [said(20, 'app2', 'v1')]).deployments).toMatchObject([{ before: 'v2', after: 'v1' }])
})

test('what is first heard of an instance is no deployment, nor a word that comes late', () => {
  const { known, deployments } = withReleases(new Map(), [said(5, 'app1', 'v2')])
  expect(deployments).toEqual([])
  expect(withReleases(known, [said(4, 'app1', 'v1')]).deployments).toEqual([])
})
