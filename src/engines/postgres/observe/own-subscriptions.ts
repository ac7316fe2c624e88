const here = 'subdbid = (select oid from pg_database where datname = current_database())'
const columns = 'p.subname, p.subenabled, p.subslotname, p.subpublications'

/**
 * The subscriptions of this database, as an item of FROM: of pg_subscription only what everybody may read, which the connection
 * string is not. In 13 their numbers are not either, but a view has them; there two databases must not use one name.
 */
export const ownSubscriptions = (versionNum: number): string =>
  versionNum >= 140_000
    ? `(select p.oid, ${columns} from pg_subscription p where p.${here}) s`
    : `(select distinct v.subid as oid, ${columns} from pg_subscription p join pg_stat_subscription v on v.subname = p.subname
      where p.${here}) s`
