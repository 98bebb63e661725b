ALTER TABLE "deliveries" ADD COLUMN "taken_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "attempts" smallint DEFAULT 1 NOT NULL;