package io.alldocs.cache.spi;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.run.BoundedRun;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Verifies a driver by reading every value that it lists. Other processes may write at the same time, so a damaged
 * value is read again before it is deleted. Only a value that is written between that second read and the deletion can
 * be lost; it is then fetched again.
 */
final class DriverVerification {
    private static final int MAX_PROBLEMS = 1000;
    private static final String LEFT_YOUNG = " (not repaired: too recent)";

    private enum Verdict {
        GONE,
        WHOLE,
        DAMAGED,
        REJECTED
    }

    private record Finding(String key, Verdict verdict, long sizeBytes, String problem) {}

    private final StorageDriver driver;
    private final VerifyOptions options;
    private final long startedAt = System.nanoTime();
    private final Instant youngAfter;
    private final List<String> problems = new ArrayList<>();
    private long total;
    private long whole;
    private long damaged;
    private long rejected;
    private long keptBytes;

    DriverVerification(StorageDriver driver, VerifyOptions options) {
        this.driver = driver;
        this.options = options;
        this.youngAfter = Instant.now().minus(options.youngerThan());
    }

    VerifyReport run() {
        try (Stream<String> keys = driver.list("", null)) {
            Iterator<String> iterator = keys.iterator();
            BoundedRun.<String, Finding>run(
                    () -> iterator,
                    options.concurrency(),
                    options.executor(),
                    this::examine,
                    finding -> EntrySource.HIT,
                    this::record,
                    (key, error) -> {},
                    error -> true);
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startedAt);
        return new VerifyReport(total, whole, damaged, 0, rejected, 0, 0, keptBytes, problems, elapsed);
    }

    private Finding examine(String key) {
        try {
            Optional<StoredEntry> entry = driver.get(key);
            if (entry.isEmpty()) {
                return new Finding(key, Verdict.GONE, 0, "");
            }
            try (Body body = entry.get().body()) {
                return examine(key, entry.get().head(), body);
            }
        } catch (IntegrityException e) {
            return new Finding(key, Verdict.REJECTED, 0, e.getMessage() + repair(key, () -> isRejected(key)));
        }
    }

    private boolean isRejected(String key) {
        try {
            driver.get(key).ifPresent(entry -> entry.body().close());
            return false;
        } catch (IntegrityException e) {
            return true;
        }
    }

    private Finding examine(String key, EntryMetadata head, Body body) {
        long size = body.sizeBytes();
        Verdict verdict = Verdict.DAMAGED;
        String problem = "its body does not match its recorded size or digest";
        try {
            if (head.describes(body)) {
                return new Finding(key, Verdict.WHOLE, size, "");
            }
        } catch (IntegrityException e) {
            verdict = Verdict.REJECTED;
            problem = String.valueOf(e.getMessage());
        } catch (IOException e) {
            problem = "its body cannot be read: " + e;
        }
        String left = isYoung(head) ? LEFT_YOUNG : repair(key, () -> isStill(head, key));
        return new Finding(key, verdict, size, problem + left);
    }

    private boolean isYoung(EntryMetadata head) {
        return options.repair()
                && !options.youngerThan().isZero()
                && head.validatedAt().isAfter(youngAfter);
    }

    private boolean isStill(EntryMetadata head, String key) {
        try {
            return driver.head(key).filter(head::equals).isPresent();
        } catch (IntegrityException e) {
            return true; // damaged in another way
        }
    }

    /** Deletes a damaged value if repairing. Returns a note for the report. */
    private String repair(String key, BooleanSupplier isStillDamaged) {
        if (!options.repair()) {
            return "";
        }
        if (!isStillDamaged.getAsBoolean()) {
            return " (not repaired: replaced meanwhile)";
        }
        driver.delete(key);
        return "";
    }

    /** Called by one thread at a time. */
    private void record(Finding finding) {
        if (finding.verdict() == Verdict.GONE) {
            return;
        }
        total++;
        switch (finding.verdict()) {
            case WHOLE -> {
                whole++;
                keptBytes += finding.sizeBytes();
            }
            case REJECTED -> rejected++;
            default -> damaged++;
        }
        if (finding.verdict() != Verdict.WHOLE && problems.size() < MAX_PROBLEMS) {
            problems.add(finding.key() + ": " + finding.problem());
        }
    }
}
