package io.alldocs.worker.redis;

import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A simple reference model of a queue: the items in a map, each with its state, and a clock that only the test
 * advances.
 */
final class ModelQueue {
    enum State {
        WAITING,
        DELAYED,
        RUNNING,
        DEAD
    }

    /** An item; mutable. */
    static final class Item {
        final String id;
        final int priority;
        State state = State.WAITING;
        long place;
        long due;
        long leaseEnd;
        long death;
        int holder;
        int failures;
        int lost;

        Item(String id, int priority) {
            this.id = id;
            this.priority = priority;
            this.failures = attemptsBefore(priority);
        }
    }

    /** @param holder distinguishes the leases of one item */
    record Held(String id, int holder, int attempts, int lost) {}

    private final QueueOptions options;
    private final Map<String, Item> items = new HashMap<>();
    private long now;
    private long places;
    private long deaths;
    private int holders;

    ModelQueue(QueueOptions options) {
        this.options = options;
    }

    /** Advances the clock; each operation takes a millisecond. */
    void pass(long millis) {
        now += millis;
    }

    /** Returns the attempts of a new item with this priority; the queue continues to count from there. */
    static int attemptsBefore(int priority) {
        return Math.floorMod(priority, 2);
    }

    int enqueue(Map<String, Integer> prioritiesById, long delay) {
        promote();
        int added = 0;
        for (Map.Entry<String, Integer> each : prioritiesById.entrySet()) {
            Item present = items.get(each.getKey());
            if (present == null || present.state == State.DEAD) {
                Item item = new Item(each.getKey(), each.getValue());
                item.place = places++;
                item.state = delay == 0 ? State.WAITING : State.DELAYED;
                item.due = now + delay;
                items.put(item.id, item);
                added++;
            }
        }
        return added;
    }

    List<Held> reserve(int max) {
        promote();
        for (Item item : in(State.RUNNING, Comparator.comparing(each -> each.place))) {
            if (item.leaseEnd <= now) {
                lose(item);
            }
        }
        Comparator<Item> turn =
                Comparator.<Item>comparingInt(each -> -each.priority).thenComparing(each -> each.place);
        List<Held> held = new ArrayList<>();
        for (Item item : in(State.WAITING, turn)) {
            if (held.size() < max) {
                item.state = State.RUNNING;
                item.leaseEnd = now + options.lease().toMillis();
                item.holder = ++holders;
                held.add(new Held(item.id, item.holder, item.failures + 1, item.lost));
            }
        }
        return held;
    }

    private boolean holds(Held lease) {
        Item item = items.get(lease.id);
        return item != null && item.state == State.RUNNING && item.holder == lease.holder;
    }

    boolean done(Held lease) {
        boolean holds = holds(lease);
        if (holds) {
            items.remove(lease.id);
        }
        return holds;
    }

    boolean failed(Held lease, boolean retryable) {
        if (!holds(lease)) {
            return false;
        }
        Item item = items.get(lease.id);
        item.failures++;
        if (!retryable || item.failures >= options.maxAttempts()) {
            bury(item);
        } else {
            item.state = State.DELAYED;
            item.place = places++;
            item.due = now + options.backoffAfter(item.failures).toMillis();
        }
        return true;
    }

    boolean released(Held lease) {
        if (!holds(lease)) {
            return false;
        }
        items.get(lease.id).state = State.WAITING;
        return true;
    }

    boolean lost(Held lease) {
        if (!holds(lease)) {
            return false;
        }
        lose(items.get(lease.id));
        return true;
    }

    private void lose(Item item) {
        item.lost++;
        if (item.lost >= options.maxLostLeases()) {
            bury(item);
        } else {
            item.state = State.WAITING;
        }
    }

    boolean renew(Held lease) {
        if (!holds(lease)) {
            return false;
        }
        items.get(lease.id).leaseEnd = now + options.lease().toMillis();
        return true;
    }

    int retryDead(Collection<String> ids) {
        promote();
        int retried = 0;
        for (String id : ids) {
            Item item = items.get(id);
            if (item != null && item.state == State.DEAD) {
                item.state = State.WAITING;
                item.place = places++;
                item.failures = 0;
                item.lost = 0;
                retried++;
            }
        }
        return retried;
    }

    int discardDead(Collection<String> ids) {
        int before = items.size();
        ids.stream()
                .filter(id -> items.containsKey(id) && items.get(id).state == State.DEAD)
                .toList()
                .forEach(items::remove);
        return before - items.size();
    }

    /** Returns ids and numbers of attempts, oldest first. */
    Map<String, Integer> dead() {
        Map<String, Integer> dead = new LinkedHashMap<>();
        in(State.DEAD, Comparator.comparing(each -> each.death)).forEach(item -> dead.put(item.id, item.failures));
        return dead;
    }

    QueueSizes sizes() {
        long due = items.values().stream().filter(this::isDue).count();
        return new QueueSizes(
                count(State.WAITING) + due, count(State.DELAYED) - due, count(State.RUNNING), count(State.DEAD));
    }

    private long count(State state) {
        return items.values().stream().filter(item -> item.state == state).count();
    }

    private boolean isDue(Item item) {
        return item.state == State.DELAYED && item.due <= now;
    }

    private void promote() {
        Comparator<Item> order =
                Comparator.<Item>comparingLong(each -> each.due).thenComparing(each -> each.place);
        for (Item item : in(State.DELAYED, order)) {
            if (isDue(item)) {
                item.state = State.WAITING;
                item.place = places++;
            }
        }
    }

    private void bury(Item item) {
        item.state = State.DEAD;
        item.death = ++deaths;
    }

    private List<Item> in(State state, Comparator<Item> order) {
        return items.values().stream()
                .filter(item -> item.state == state)
                .sorted(order)
                .toList();
    }
}
