package io.alldocs.cache;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One verification of a driver by reading everything it lists. */
final class DriverVerification {
    private static final int MAX_PROBLEMS = 1000;

    private enum Verdict {
        GONE,
        WHOLE,
        DAMAGED,
        REJECTED
    }

    private record Finding(String key, Verdict verdict, long sizeBytes, boolean young, String problem) {}

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
                    this::examine,
                    finding -> CacheEntry.Source.HIT,
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
                return new Finding(key, Verdict.GONE, 0, false, "");
            }
            try (Body body = entry.get().body()) {
                return examine(key, entry.get().head(), body);
            }
        } catch (IntegrityException e) {
            return repair(new Finding(key, Verdict.REJECTED, 0, false, String.valueOf(e.getMessage())));
        }
    }

    private Finding examine(String key, EntryHead head, Body body) {
        boolean young = !options.youngerThan().isZero() && head.validatedAt().isAfter(youngAfter);
        long size = body.sizeBytes();
        try {
            if (head.describes(body)) {
                return new Finding(key, Verdict.WHOLE, size, young, "");
            }
        } catch (IOException e) {
            return repair(new Finding(key, Verdict.DAMAGED, size, young, "its body cannot be read: " + e));
        }
        return repair(new Finding(key, Verdict.DAMAGED, size, young, "size or digest of its body is wrong"));
    }

    private Finding repair(Finding finding) {
        if (options.repair() && !finding.young()) {
            driver.delete(finding.key());
        }
        return finding;
    }

    /** By one thread at a time. */
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
            String left = options.repair() && finding.young() ? " (young, left alone)" : "";
            problems.add(finding.key() + ": " + finding.problem() + left);
        }
    }
}
