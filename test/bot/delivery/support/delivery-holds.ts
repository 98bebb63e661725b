import postgres from 'postgres'
import type { DeliveryStep } from '../../../../src/bot/delivery/steps.ts'

/**
 * Where a delivery is held. `before`: the write of this step is never made. `after`: it is made, and whoever made it does not learn of it.
 * Either way the process stands there until it is dead.
 */
export type HoldSide = 'before' | 'after'

/** Triggers in a database that stop a sender at a named step, so that its process dies exactly there. */
export interface DeliveryHolds {
  hold(side: HoldSide, step: DeliveryStep): Promise<void>
  /** True once a sender stands there. */
  isHeld(): Promise<boolean>
  /** To be called when the held process is dead: lets everything go on. */
  release(): Promise<void>
  close(): Promise<void>
}

/** Any number: the key of the lock behind which writes wait. */
const lock = 4_712

const install = `
create table delivery_holds (side text, step text);
create sequence delivery_held;
create function conversation_step(was conversations, now conversations) returns text language sql immutable as $$
  select case
    when now.epoch > was.epoch then 'claim'
    when now.channel <> was.channel then 'moved'
    when now.card_state = 'sending' and was.card_state <> 'sending' then 'card_sending'
    when now.card_state = 'sent' and was.card_state <> 'sent' then 'card_sent'
    when now.card_state = 'sent' and now.card_rev > was.card_rev then 'redrawn'
    when now.telling is null and was.telling is not null then 'told'
    when now.buttons_until is null and was.buttons_until is not null then 'buttons_gone'
    when now.lease_owner is null and was.lease_owner is not null then 'release'
  end $$;
create function outbox_step(was outbox, now outbox) returns text language sql immutable as $$
  select case when now.state in ('sending', 'sent') and now.state <> was.state then case now.kind when 'notice' then 'notice_' else 'lines_' end || now.state end $$;
-- A sequence keeps its number when the transaction is undone: that is how it is known that a sender stands there.
create function delivery_stand(place text, this text) returns boolean language plpgsql as $$ begin
  if not exists (select 1 from delivery_holds where side = this and step = place) then return false; end if;
  perform nextval('delivery_held');
  perform pg_advisory_xact_lock_shared(${lock});
  return true;
end $$;
create function hold_delivery_before() returns trigger language plpgsql as $$ declare place text; begin
  if tg_table_name = 'outbox' then place := outbox_step(old, new); else place := conversation_step(old, new); end if;
  if delivery_stand(place, 'before') then raise exception 'held' using errcode = '57P03'; end if;
  return new;
end $$;
create function hold_delivery_after() returns trigger language plpgsql as $$ declare place text; begin
  if tg_table_name = 'outbox' then place := outbox_step(old, new); else place := conversation_step(old, new); end if;
  perform delivery_stand(place, 'after');
  return null;
end $$;
create trigger hold_delivery_before before update on conversations for each row execute function hold_delivery_before();
create trigger hold_delivery_before before update on outbox for each row execute function hold_delivery_before();
create constraint trigger hold_delivery_after after update on conversations deferrable initially deferred for each row execute function hold_delivery_after();
create constraint trigger hold_delivery_after after update on outbox deferrable initially deferred for each row execute function hold_delivery_after();
`

/** Installs the triggers; nothing is held yet. */
export const openDeliveryHolds = async (url: string): Promise<DeliveryHolds> => {
  const sql = postgres(url, { max: 1, onnotice: () => {}, max_lifetime: null })
  await sql.unsafe(install)
  let locked = false
  return {
    hold: async (side, step) => {
      if (!locked) await sql`select pg_advisory_lock(${lock})`
      locked = true
      await sql`select setval('delivery_held', 1, false)`
      await sql`insert into delivery_holds values (${side}, ${step})`
    },
    isHeld: async () => (await sql`select is_called from delivery_held`)[0]?.['is_called'] === true,
    release: async () => {
      await sql`delete from delivery_holds`
      if (locked) await sql`select pg_advisory_unlock(${lock})`
      locked = false
      // Postgres notices a dead client only when it answers it: its commit comes first.
      for (;;) {
        const [row] = await sql`select count(*)::int as busy from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'active'`
        if (row?.['busy'] === 0) break
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    close: () => sql.end({ timeout: 1 }),
  }
}
