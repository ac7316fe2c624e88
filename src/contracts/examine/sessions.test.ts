import { describe, expect, test } from 'vitest'
import type { Room } from '../../engines/postgres/logins/own-view.ts'
import { arithmeticNotes, sessionsToTry, type Demand } from './sessions.ts'

const room: Room = {
  maxConnections: 100,
  reserved: 3,
  clients: 40,
  walsenders: 2,
  roleLimit: -1,
  ofRole: 10,
  databaseLimit: -1,
  ofDatabase: 30,
  isSuperuser: false,
}

const demand = (contract: string, poolMax: number | null, user = 'app', database = 'auth'): Demand => ({
  contract,
  instance: 'web',
  user,
  database,
  poolMax,
})

const own = { user: 'app', database: 'auth' }
const words = (notes: ReturnType<typeof arithmeticNotes>) =>
  notes.map(({ severity, message }) => `${severity}: ${message}`)

describe('the pools of all contracts', () => {
  test('are compared with what the server has for them, and the numbers are told', () => {
    expect(words(arithmeticNotes(room, own, [demand('login', 50), demand('shop', 60), demand('batch', null)]))).toEqual(
      [
        'error: the pools may open 110 sessions (login:web 50 + shop:web 60), 13 more than the 97 sessions that the server has for it (max_connections 100 - 3 reserved; 2 walsenders have places of their own)',
      ],
    )
  })

  test('are compared with the limits of role and database by those who have these', () => {
    const limited = { ...room, roleLimit: 20, databaseLimit: 40 }
    const demands = [demand('login', 20), demand('shop', 15, 'shop'), demand('batch', 30, 'app', 'other')]
    expect(words(arithmeticNotes(limited, own, demands))).toEqual([
      expect.stringMatching(/^info: the pools may open 65 sessions .* of the 97/),
      'error: the pools may open 50 sessions (login:web 20 + batch:web 30), 30 more than the 20 of role app (rolconnlimit)',
      expect.stringMatching(/^info: the pools may open 35 sessions .* of the 40 of database auth/),
    ])
    expect(arithmeticNotes({ ...limited, isSuperuser: true }, own, demands)).toHaveLength(1)
  })

  test('of which no size is known say nothing', () => {
    expect(arithmeticNotes(room, own, [demand('login', null)])).toEqual([])
  })
})

describe('how many are tried at once', () => {
  test('is the pool, or a hundred of it, and never the last places', () => {
    expect(sessionsToTry(room, demand('login', 20))).toEqual({ more: 19, note: null })
    expect(sessionsToTry({ ...room, maxConnections: 900 }, demand('login', 400)).more).toBe(99)
    const tight = sessionsToTry({ ...room, clients: 80 }, demand('login', 15))
    expect(tight).toMatchObject({ more: 0, note: { severity: 'info' } })
    expect(tight.note?.message).toContain('17 sessions are free of the 97')
    expect(sessionsToTry({ ...room, clients: 90 }, demand('login', 15)).note?.severity).toBe('warning')
  })

  test('is what the tightest limit leaves', () => {
    const { more, note } = sessionsToTry({ ...room, roleLimit: 12 }, demand('login', 5))
    expect(more).toBe(0)
    expect(note?.message).toContain('2 sessions are free of the 12 of role app')
  })
})
