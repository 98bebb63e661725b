ALTER TABLE "conversations" ADD COLUMN "left_ts" text;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "looks" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "looked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "tried_channel" text;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "tried_thread" text;