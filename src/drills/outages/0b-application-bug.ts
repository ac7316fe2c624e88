import { noOriginal, reading, type Drill } from '../scene.ts'

/** The table is carried and right on every node; the new release compares the wrong hash for a third of its users. */
const drill: Drill = {
  id: '0b',
  title: 'Logins fail after a release: a bug of the application',
  kind: 'look-alike',
  ...noOriginal,
  act({ names, release }) {
    const { primary, subscriber } = names
    const create = 'create table login_notes (id int primary key, note text)'
    return {
      trigger: [
        { do: 'sql', node: subscriber, text: create },
        { do: 'sql', node: primary, text: `${create}; insert into login_notes values (1, 'not for the subscriber')` },
        { do: 'wait', ms: 1000 },
        {
          do: 'release',
          release: {
            ...release,
            name: 'v2-bug',
            statements: reading(names.usersTable, 'id', names.usersTable),
            wrongShare: 0.33,
          },
        },
      ],
      truth: {
        cause: 'application/error',
        subject: null,
        trigger: null,
        triggers: ['kind:deployment'],
        symptom: { codes: ['APP_BAD_HASH'], min: 0.15 },
      },
    }
  },
}
export default drill
