ALTER TABLE "app_announcements" ADD COLUMN "tried_channel" text;--> statement-breakpoint
ALTER TABLE "app_announcements" ADD COLUMN "looks" smallint DEFAULT 0 NOT NULL;