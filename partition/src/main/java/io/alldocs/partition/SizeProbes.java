package io.alldocs.partition;

import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.BoundedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Determines the sizes of adjacent partitions with one {@code limit=1} probe per boundary. Used once, by one thread.
 */
final class SizeProbes {
    private final PartitionClient client;
    private final PartitionSet partitions;

    SizeProbes(PartitionClient client, PartitionSet partitions) {
        this.client = client;
        this.partitions = partitions;
    }

    /** Returns the sizes in order; empty if the probes contradict each other. */
    List<Long> sizes() {
        NavigableMap<Integer, PageScan> probes = probes();
        List<Long> offsets = new ArrayList<>();
        for (PageScan probe : probes.values()) {
            if (probe.offset().isEmpty()) {
                return List.of();
            }
            offsets.add(probe.offset().getAsLong());
        }
        if (offsets.size() == partitions.size()) {
            OptionalLong total = probes.firstEntry().getValue().totalRows();
            if (total.isEmpty()) {
                return List.of();
            }
            offsets.add(total.getAsLong());
        }
        return counts(probes, offsets) ? differences(offsets) : List.of();
    }

    /** Probes the start of each partition, and the end of the last one unless it is open. */
    private NavigableMap<Integer, PageScan> probes() {
        int places = partitions.range().endOrNull() == null ? partitions.size() : partitions.size() + 1;
        NavigableMap<Integer, PageScan> probes = new TreeMap<>();
        BoundedRun.run(
                IntStream.range(0, places).boxed().toList(),
                client.concurrency(),
                client.executor(),
                index -> new Probe(index, client.probe(key(index))),
                probe -> EntrySource.FETCHED,
                probe -> probes.put(probe.index(), probe.scan()),
                (index, failure) -> {},
                failure -> true);
        return probes;
    }

    private record Probe(int index, PageScan scan) {}

    private @Nullable String key(int index) {
        return index < partitions.size()
                ? partitions.get(index).startOrNull()
                : partitions.range().endOrNull();
    }

    /**
     * Returns whether the database counts. Its offsets must be ascending, apart from changes between two probes. An
     * offset of 0 is wrong where a document is known to precede the probe.
     */
    private boolean counts(NavigableMap<Integer, PageScan> probes, List<Long> offsets) {
        String lowest = probes.firstEntry().getValue().first();
        for (int index = 1; index < offsets.size(); index++) {
            boolean falls = offsets.get(index) < offsets.get(index - 1) - PivotSearch.DRIFT;
            String key = index < probes.size() ? key(index) : null;
            boolean hasOneBelow = lowest != null && (key == null || Keys.isBelow(lowest, key));
            if (falls || (offsets.get(index) == 0 && hasOneBelow)) {
                return false;
            }
        }
        return true;
    }

    private static List<Long> differences(List<Long> offsets) {
        return IntStream.range(1, offsets.size())
                .mapToObj(index -> Math.max(0, offsets.get(index) - offsets.get(index - 1)))
                .toList();
    }
}
