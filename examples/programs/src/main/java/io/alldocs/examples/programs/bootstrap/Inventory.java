package io.alldocs.examples.programs.bootstrap;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.examples.programs.ExitCode;
import io.alldocs.examples.programs.Progress;
import io.alldocs.examples.programs.UsageException;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Tells what a cache holds against a job's stored plan, name by name, without asking anybody. */
final class Inventory {
    private final Job job;
    private final Cache cache;
    private final PartitionClient partitions;
    private final Progress progress;
    private final RunState state;
    private final PartitionCheckpoint walk;
    private final Map<String, Long> outcomes = new TreeMap<>();
    private long names;

    Inventory(Job job, Cache cache, PartitionClient partitions, Progress progress) {
        this.job = job;
        this.cache = cache;
        this.partitions = partitions;
        this.progress = progress;
        this.state = RunState.read(cache, job.id());
        this.walk = new PartitionCheckpoint(cache, job.id() + "-names");
    }

    /** @throws UsageException when this job never ran on this cache */
    BootstrapReport take() {
        Instant begin = cache.clock().instant();
        List<BootstrapReport.Part> parts = job.names().isPresent() ? listed() : walked();
        progress.end();
        boolean walkedAll = parts.stream().allMatch(BootstrapReport.Part::walked);
        long found = outcomes.values().stream().mapToLong(Long::longValue).sum();
        boolean complete = walkedAll && (job.form() == Form.NAMES || found >= names);
        return new BootstrapReport(
                job,
                complete ? BootstrapReport.Status.COMPLETE : BootstrapReport.Status.PARTIAL,
                null,
                null,
                complete ? ExitCode.COMPLETE : ExitCode.PARTIAL,
                true,
                true,
                names,
                outcomes,
                parts,
                Map.of(),
                0,
                state.owed().size(),
                work(begin),
                feed(),
                null);
    }

    private List<BootstrapReport.Part> listed() {
        NamesFile file = job.names().orElseThrow();
        progress.begin("names", file.count());
        count(new FileNames(file).rows());
        return List.of();
    }

    private List<BootstrapReport.Part> walked() {
        PartitionCheckpoint.Header header = walk.header()
                .orElseThrow(() -> new UsageException("The cache holds nothing of this job (" + job.what() + " of "
                        + job.origin().map(Object::toString).orElse("") + ", form "
                        + job.form().label()
                        + "). Check the options, or run it without --offline first."));
        List<BootstrapReport.Part> parts = new ArrayList<>();
        progress.begin("names", listedNames(header.partitions().size()));
        for (int i = 0; i < header.partitions().size(); i++) {
            parts.add(part(i, Partition.of(header.partitions().get(i))));
        }
        return parts;
    }

    private long listedNames(int planned) {
        return IntStream.range(0, planned)
                .mapToLong(
                        index -> Numbers.longValue(walk.record(index).details().get("rows")))
                .sum();
    }

    private BootstrapReport.Part part(int index, Partition range) {
        boolean isWalked = walk.record(index).state() == PartitionCheckpoint.State.COMPLETE;
        if (!isWalked) {
            return new BootstrapReport.Part(range.toString(), false, 0, false, Map.of());
        }
        Map<String, Long> before = new TreeMap<>(outcomes);
        long namesBefore = names;
        count(new PageRows(partitions.rows(range, RequestOptions.of(CacheMode.ONLY_IF_CACHED))));
        Map<String, Long> own = new TreeMap<>(outcomes);
        before.forEach((outcome, count) -> own.merge(outcome, -count, Long::sum));
        own.values().removeIf(count -> count == 0);
        long held = own.values().stream().mapToLong(Long::longValue).sum();
        return new BootstrapReport.Part(range.toString(), true, names - namesBefore, held == names - namesBefore, own);
    }

    private void count(NameSource.Rows source) {
        try (source) {
            while (source.hasNext()) {
                count(source.next().id());
            }
        }
    }

    private void count(String name) {
        names++;
        progress.advance(1);
        if (job.form() != Form.NAMES) {
            cache.head(job.form().key(job.registry(), name))
                    .map(EntryHead::outcome)
                    .ifPresent(outcome -> outcomes.merge(outcome, 1L, Long::sum));
        }
    }

    private BootstrapReport.Work work(Instant begin) {
        Duration elapsed = Duration.between(begin, cache.clock().instant());
        return new BootstrapReport.Work(elapsed, 0, 0, 0, 0, 0, new CountingTransport.Counts(0, 0, 0, 0, 0));
    }

    private BootstrapReport.Feed feed() {
        return new BootstrapReport.Feed(
                state.from().orElse(null),
                state.sequence().orElse(null),
                state.followedAt().orElse(null),
                0,
                0,
                0,
                0,
                state.stale().size());
    }
}
