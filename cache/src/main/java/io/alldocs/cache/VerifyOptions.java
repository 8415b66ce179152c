package io.alldocs.cache;

import java.time.Duration;

/**
 * @param repair false for a dry run that changes nothing; true removes what is damaged or orphaned
 * @param youngerThan what changed this recently is left alone, because a live writer may be at it
 * @param concurrency digests computed at the same time, at least 1
 */
public record VerifyOptions(boolean repair, Duration youngerThan, int concurrency) {
    public static VerifyOptions dryRun() {
        return new VerifyOptions(false, Duration.ofMinutes(10), 2);
    }

    public static VerifyOptions repairing() {
        return new VerifyOptions(true, Duration.ofMinutes(10), 2);
    }
}
