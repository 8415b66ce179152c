package io.alldocs.worker.redis;

import io.alldocs.worker.WorkItem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Items for one run of the script that adds items. */
final class Additions {
    private static final int MAX_ITEMS = 500;

    /** Maximum size of one run, unless a single item is larger. */
    private static final int MAX_BYTES = 4 << 20;

    private final List<byte[]> ids = new ArrayList<>();
    private final List<byte[]> priorities = new ArrayList<>();
    private final List<byte[]> items = new ArrayList<>();
    private long bytes;

    private Additions() {}

    /**
     * Splits items into runs. If several items have the same id, the first one is used.
     *
     * @throws IllegalArgumentException if a payload is too large
     */
    static List<Additions> of(Collection<WorkItem> items) {
        List<Additions> all = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Additions last = new Additions();
        for (WorkItem item : items) {
            byte[] stored = StoredItem.write(item);
            if (!seen.add(item.id())) {
                continue;
            }
            if (last.items.size() == MAX_ITEMS || last.bytes + stored.length > MAX_BYTES) {
                all.add(last);
                last = new Additions();
            }
            last.add(item, stored);
        }
        all.add(last);
        all.removeIf(each -> each.items.isEmpty());
        return all;
    }

    private void add(WorkItem item, byte[] stored) {
        ids.add(item.id().getBytes(StandardCharsets.UTF_8));
        priorities.add(StoredItem.ascii(Integer.toString(item.priority())));
        items.add(stored);
        bytes += stored.length;
    }

    /** Returns the arguments that {@code enqueue.lua} expects. */
    List<byte[]> args(long delayMillis) {
        List<byte[]> args = new ArrayList<>(2 + 3 * items.size());
        args.add(StoredItem.ascii(Long.toString(delayMillis)));
        args.add(StoredItem.ascii(Integer.toString(items.size())));
        args.addAll(ids);
        args.addAll(priorities);
        args.addAll(items);
        return args;
    }
}
