package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.Settlement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Runs random operations on a queue and on {@link ModelQueue}, and compares the results. Time passes by moving the
 * times that the server has stored.
 */
class ModelTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int OPERATIONS = 60;
    private static final int IDS = 12;

    private static final QueueOptions OPTIONS =
            new QueueOptions("model", 3, HOUR.multipliedBy(2), HOUR.multipliedBy(3), HOUR.dividedBy(2), 2, HOUR, 0);

    /** Moves all stored times into the past. */
    private static final String PASS = "for _, key in ipairs(KEYS) do local all = redis.call('ZRANGE', key, 0, -1)"
            + " for _, member in ipairs(all) do redis.call('ZINCRBY', key, '-' .. ARGV[1], member) end end";

    private static Path folder;
    private static RedisProcess redis;
    private static RedisWorkQueue queue;

    private ModelQueue model = new ModelQueue(OPTIONS);
    private final Map<Lease, ModelQueue.Held> leases = new LinkedHashMap<>();
    private Random random = new Random(0);

    @BeforeContainer
    static void start() throws IOException {
        folder = Files.createTempDirectory("model");
        redis = RedisProcess.start(folder, "--appendonly", "no");
        queue = RedisWorkQueue.builder(redis.url()).options(OPTIONS).build();
    }

    @AfterContainer
    static void stop() throws IOException {
        queue.close();
        redis.close();
        Files.delete(folder);
    }

    @Property(tries = 100)
    void operations_random_doWhatTheModelDoes(@ForAll long seed) throws InterruptedException {
        redis.forgetAll();
        random = new Random(seed);
        model = new ModelQueue(OPTIONS);
        leases.clear();
        List<String> log = new ArrayList<>();
        for (int i = 0; i < OPERATIONS; i++) {
            model.pass(1);
            log.add(operate());
            assertThat(queue.sizes()).as("after %s", log).isEqualTo(model.sizes());
            assertThat(dead()).as("dead letters after %s", log).isEqualTo(model.dead());
        }
    }

    private String operate() throws InterruptedException {
        return switch (random.nextInt(9)) {
            case 0, 1 -> enqueue();
            case 2, 3 -> reserve();
            case 4, 5 -> settle();
            case 6 -> renew();
            case 7 -> random.nextBoolean() ? retryDead() : discardDead();
            default -> pass();
        };
    }

    private String enqueue() {
        Map<String, Integer> priorities = new LinkedHashMap<>();
        for (String id : ids()) {
            priorities.put(id, random.nextInt(3) - 1);
        }
        Duration delay = List.of(Duration.ZERO, Duration.ZERO, HOUR, HOUR.multipliedBy(3))
                .get(random.nextInt(4));
        List<WorkItem> items = priorities.entrySet().stream()
                .map(each -> new WorkItem(
                        "type",
                        each.getKey(),
                        JsonTree.of(each.getValue()),
                        each.getValue(),
                        ModelQueue.attemptsBefore(each.getValue())))
                .toList();
        String what = "enqueue " + priorities + " in " + delay;
        assertThat(queue.enqueue(items, delay)).as(what).isEqualTo(model.enqueue(priorities, delay.toMillis()));
        return what;
    }

    private String reserve() throws InterruptedException {
        int max = 1 + random.nextInt(4);
        return reserved("reserve " + max, queue.reserve(max, Duration.ZERO), max);
    }

    private String reserved(String what, List<Lease> got, int max) {
        List<ModelQueue.Held> expected = max == 0 ? List.of() : model.reserve(max);
        assertThat(got.stream().map(each -> each.item().id() + " " + each.item().attempts() + " " + each.lostLeases()))
                .as(what)
                .isEqualTo(expected.stream()
                        .map(each -> each.id() + " " + each.attempts() + " " + each.lost())
                        .toList());
        for (int i = 0; i < got.size(); i++) {
            WorkItem item = got.get(i).item();
            assertThat(item.payload()).isEqualTo(JsonTree.of(item.priority()));
            leases.put(got.get(i), expected.get(i));
        }
        return what + " -> " + expected;
    }

    /** Settles current and expired leases, each in a random way; then possibly reserves in the same call. */
    private String settle() throws InterruptedException {
        List<Settlement> settlements = new ArrayList<>();
        someLeases().forEach(lease -> settlements.add(settlement(lease)));
        Set<Lease> passedOver = settlements.stream()
                .sorted(Comparator.comparing(each -> each instanceof Settlement.Released)) // last, as in the script
                .filter(each -> !model(each))
                .map(Settlement::lease)
                .collect(Collectors.toSet());
        String what = "settle " + settlements;
        if (random.nextBoolean()) {
            int max = random.nextInt(4);
            return reserved(what + " and reserve " + max, queue.settleAndReserve(settlements, max), max);
        }
        assertThat(queue.settle(settlements)).as(what).containsExactlyInAnyOrderElementsOf(passedOver);
        return what;
    }

    private Settlement settlement(Lease lease) {
        return switch (random.nextInt(5)) {
            case 0 -> new Settlement.Released(lease);
            case 1 -> new Settlement.Lost(lease, "out of memory");
            case 2 -> new Settlement.Failed(lease, "bad", random.nextInt(4) > 0, null);
            default -> new Settlement.Done(lease);
        };
    }

    private boolean model(Settlement settlement) {
        ModelQueue.Held held = leases.get(settlement.lease());
        if (settlement instanceof Settlement.Failed failed) {
            return model.failed(held, failed.retryable());
        }
        if (settlement instanceof Settlement.Lost) {
            return model.lost(held);
        }
        return settlement instanceof Settlement.Done ? model.done(held) : model.released(held);
    }

    private String renew() {
        List<Lease> some = someLeases();
        List<Lease> lost =
                some.stream().filter(lease -> !model.renew(leases.get(lease))).toList();
        assertThat(queue.renew(some)).isEqualTo(lost);
        return "renew " + some;
    }

    private List<Lease> someLeases() {
        return leases.keySet().stream().filter(lease -> random.nextInt(3) == 0).toList();
    }

    private String retryDead() {
        Set<String> ids = ids();
        assertThat(queue.retryDead(ids)).isEqualTo(model.retryDead(ids));
        return "retry " + ids;
    }

    private String discardDead() {
        Set<String> ids = ids();
        assertThat(queue.discardDead(ids)).isEqualTo(model.discardDead(ids));
        return "discard " + ids;
    }

    private String pass() {
        Duration time = HOUR.multipliedBy(random.nextInt(3) + 1L).dividedBy(2);
        redis.command("EVAL", PASS, "2", key("delayed"), key("active"), Long.toString(time.toMillis()));
        model.pass(time.toMillis());
        return "pass " + time;
    }

    private static String key(String name) {
        return "all-docs:{" + OPTIONS.name() + "}:" + name;
    }

    private Set<String> ids() {
        Set<String> ids = new LinkedHashSet<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            ids.add("id-" + random.nextInt(IDS));
        }
        return ids;
    }

    private static Map<String, Integer> dead() {
        Map<String, Integer> dead = new LinkedHashMap<>();
        try (Stream<DeadLetter> letters = queue.deadLetters()) {
            letters.forEach(letter -> dead.put(letter.item().id(), letter.item().attempts()));
        }
        return dead;
    }
}
