ALTER TABLE "conversations" ADD COLUMN "card_status" text;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "sleeper" text;