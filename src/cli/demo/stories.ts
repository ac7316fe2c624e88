/** What a drill's own data do not say, in words for whoever hears of the outage for the first time. */
export interface Story {
  readonly id: string
  readonly when: string
  /** Two or three words, for a table. */
  readonly short: string
  /** What is done to the servers or the application now. */
  readonly happens: string
}

/** The five outages in the order in which they are told. */
export const stories: readonly Story[] = [
  {
    id: '0',
    when: '5 March 2024',
    short: 'schema update',
    happens: 'a migration makes a table on two nodes and fills it',
  },
  {
    id: '1',
    when: '10 April 2024',
    short: 'replication stands',
    happens:
      'a job writes a row on the subscriber that the primary writes later; passwords change; a forgotten report stays open on the standby',
  },
  {
    id: '2',
    when: '9 March 2024',
    short: 'settings rewritten',
    happens: 'an update rewrites the settings file of one of three instances with a port where nobody listens',
  },
  {
    id: '3',
    when: '15 May 2023',
    short: 'damaged table',
    happens: 'an update switches fsync and full_page_writes off, and a crash leaves half a page of a table',
  },
  {
    id: '4',
    when: '16 January 2023',
    short: 'no start',
    happens: 'an update of the database asks for a library that is not installed, and restarts the primary',
  },
]
