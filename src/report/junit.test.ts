import fc from 'fast-check'
import { expect, test } from 'vitest'
import { junitXml } from './junit.ts'

test('counts what failed and what was not looked at, and says why', () => {
  expect(
    junitXml([
      {
        name: 'auth',
        atMs: Date.UTC(2026, 2, 5, 9, 4),
        cases: [
          { name: 'a/ok', classname: 'auth.a' },
          {
            name: 'a/bad',
            classname: 'auth.a',
            failure: { message: 'it is "wrong" & <bad>', type: 'error', text: 'line 1\n]]> line 2' },
            skipped: 'on another node',
          },
          { name: 'a/blind', classname: 'auth.a', skipped: 'no privilege' },
          { name: 'a/note', classname: 'auth.a', output: 'warning: only' },
        ],
      },
    ]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="antemortem" tests="4" failures="1" errors="0" skipped="1">
  <testsuite name="auth" tests="4" failures="1" errors="0" skipped="1" timestamp="2026-03-05T09:04:00">
    <testcase name="a/ok" classname="auth.a"/>
    <testcase name="a/bad" classname="auth.a">
      <failure message="it is &quot;wrong&quot; &amp; &lt;bad&gt;" type="error">line 1
]]&gt; line 2</failure>
    </testcase>
    <testcase name="a/blind" classname="auth.a">
      <skipped message="no privilege"/>
    </testcase>
    <testcase name="a/note" classname="auth.a">
      <system-out>warning: only</system-out>
    </testcase>
  </testsuite>
</testsuites>
`)
})

test('a secret is masked without breaking the document', () => {
  const failure = { message: 'the url has password = ', type: 'error', text: 'postgres://app:hunter2@db1/auth' }
  const xml = junitXml([{ name: 'auth', atMs: 0, cases: [{ name: 'a', classname: 'b', failure }] }])
  expect(xml).toContain('<failure message="the url has password = " type="error">postgres://app:***@db1/auth</failure>')
})

test('whatever a server says, the document stays well formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, text) => {
      const failure = { message, type: 'error', text }
      const xml = junitXml([{ name: message, atMs: 0, cases: [{ name: text, classname: message, failure }] }])
      // What is left when every tag with its quoted attributes is taken away holds no sign of XML.
      const rest = xml.replace(/<[?/]?[a-z-]+(?: [a-z]+="[^"<>\n]*")*[?/]?>/g, '')
      expect(rest).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;|apos;|#\d+;)/)
      // oxlint-disable-next-line no-control-regex -- they are what must not be there
      expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
      expect(xml.isWellFormed()).toBe(true)
    }),
  )
})
