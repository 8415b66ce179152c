package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.partition.FakeCouch.Offsets;
import io.alldocs.partition.PartitionTest.Samples;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Tests properties of a walk with a database that limits pages, counts and changes in various ways. */
class WalkLawTest {
    private static final URI ORIGIN = URI.create("http://couch.test/registry");

    /** A client of a fake database, with its own cache. */
    private static final class Room implements AutoCloseable {
        final Cache cache = Cache.builder().build();
        final BaseHttpClient http;
        final PartitionClient client;

        Room(FakeCouch couch, int pageLimit) {
            http = BaseHttpClient.builder()
                    .transport(couch)
                    .limiters(HostLimiters.create())
                    .build();
            client = PartitionClient.builder()
                    .origin(ORIGIN)
                    .cache(cache)
                    .http(http)
                    .pageLimit(pageLimit)
                    .concurrency(1)
                    .build();
        }

        List<String> read(PartitionSet set, RequestOptions options) {
            List<String> names = new ArrayList<>();
            try (PartitionRows rows = client.rows(set, options)) {
                rows.forEachRemaining(row -> names.add(row.id()));
            }
            return names;
        }

        @Override
        public void close() {
            client.close();
            http.close();
            cache.close();
        }
    }

    @Provide
    Arbitrary<Set<String>> ids() {
        return Samples.ids().set().ofMaxSize(25);
    }

    @Provide
    Arbitrary<List<String>> pivots() {
        return Samples.ids().set().ofMaxSize(4).map(Samples::sorted);
    }

    @Property(tries = 150)
    void rows_anyIdsCapPivotsAndCounting_areAllIdsOnceInByteOrder(
            @ForAll("ids") Set<String> ids,
            @ForAll("pivots") List<String> pivots,
            @ForAll @IntRange(min = 1, max = 8) int pageCap,
            @ForAll @IntRange(min = 2, max = 8) int pageLimit,
            @ForAll Offsets offsets) {
        FakeCouch couch = new FakeCouch(ids, pageCap, offsets);
        try (Room room = new Room(couch, pageLimit)) {
            PartitionSet set = PartitionSet.fromPivots(pivots);

            assertThat(room.read(set, RequestOptions.DEFAULT)).containsExactlyElementsOf(couch.ids);

            int asked = couch.asked.size();
            assertThat(room.read(set, RequestOptions.of(CacheMode.ONLY_IF_CACHED)))
                    .containsExactlyElementsOf(couch.ids);
            assertThat(room.read(set, RequestOptions.DEFAULT)).containsExactlyElementsOf(couch.ids);
            assertThat(couch.asked).hasSize(asked);
        }
    }

    @Property(tries = 150)
    void rows_idsComeAndGoBetweenPages_thoseThatStayedAreThereOnceAndNoneTwice(
            @ForAll("ids") Set<String> ids,
            @ForAll("ids") Set<String> others,
            @ForAll("pivots") List<String> pivots,
            @ForAll @IntRange(min = 1, max = 6) int pageCap,
            @ForAll Offsets offsets,
            @ForAll long seed) {
        FakeCouch couch = new FakeCouch(ids, pageCap, offsets);
        Set<String> stayed = new HashSet<>(ids);
        Set<String> ever = new HashSet<>(ids);
        List<String> candidates = Samples.sorted(union(ids, others));
        Random random = new Random(seed);
        couch.beforeEachPage(() -> {
            for (int i = random.nextInt(4); i > 0 && !candidates.isEmpty(); i--) {
                String id = candidates.get(random.nextInt(candidates.size()));
                if (couch.ids.remove(id)) {
                    stayed.remove(id);
                } else {
                    couch.ids.add(id);
                    ever.add(id);
                }
            }
        });
        try (Room room = new Room(couch, 6)) {
            PartitionSet set = PartitionSet.fromPivots(pivots);

            List<String> names = room.read(set, RequestOptions.DEFAULT);

            assertThat(names).doesNotHaveDuplicates().containsAll(stayed);
            assertThat(ever).containsAll(names);
            assertThat(names).isEqualTo(Samples.sorted(names));
            couch.beforeEachPage(() -> {
                throw new AssertionError("requested although all is stored");
            });
            assertThat(room.read(set, RequestOptions.of(CacheMode.ONLY_IF_CACHED)))
                    .isEqualTo(names);
        }
    }

    @Example
    void rows_oneRowPagesOfADatabaseThatShrinksToOne_stillReachTheRowThatStayed() {
        FakeCouch couch = new FakeCouch(List.of("a", "b"), 1, Offsets.EXACT);
        couch.beforeEachPage(() -> {
            if (couch.asked.size() >= 2) {
                couch.ids.remove("a");
            }
        });
        try (Room room = new Room(couch, 6)) {
            assertThat(room.read(PartitionSet.fromPivots(List.of()), RequestOptions.DEFAULT))
                    .containsExactly("a", "b");
        }
    }

    @Property(tries = 100)
    void requestAll_anyIds_pagesArePartitionsThatMeetAndHoldTheirRowsOnly(
            @ForAll("ids") Set<String> ids,
            @ForAll("pivots") List<String> pivots,
            @ForAll @IntRange(min = 1, max = 5) int pageCap,
            @ForAll Offsets offsets) {
        FakeCouch couch = new FakeCouch(ids, pageCap, offsets);
        try (Room room = new Room(couch, 5)) {
            PartitionSet set = PartitionSet.fromPivots(pivots);
            List<PartitionResult> pages = new ArrayList<>();

            RunSummary summary = room.client.requestAll(set, RequestOptions.DEFAULT, pages::add);

            assertThat(summary.failures()).isEmpty();
            List<Partition> ranges =
                    pages.stream().map(PartitionResult::partition).toList();
            assertThat(PartitionSet.of(ranges).range()).isEqualTo(Partition.all());
            assertThat(pages.stream().filter(PartitionResult::last).map(PartitionResult::walk))
                    .containsExactlyElementsOf(set);
            assertThat(pages.stream().mapToLong(PartitionResult::rows).sum()).isEqualTo(couch.ids.size());
            for (PartitionResult page : pages) {
                List<String> expected =
                        couch.ids.stream().filter(page.partition()::contains).toList();
                CacheEntry stored =
                        room.cache.entry(page.partition().key(ORIGIN)).orElseThrow();
                assertThat(stored.json().path("rows").stream()
                                .map(row -> row.path("id").asText())
                                .toList())
                        .isEqualTo(expected);
            }
        }
    }

    @Property(tries = 100)
    void requestAll_interruptedAnywhere_resumesWithoutRequestingWhatIsStored(
            @ForAll("ids") Set<String> ids,
            @ForAll @IntRange(min = 1, max = 5) int pageCap,
            @ForAll Offsets offsets,
            @ForAll @IntRange(min = 1, max = 12) int requestsBeforeTheEnd) {
        FakeCouch couch = new FakeCouch(ids, pageCap, offsets);
        try (Room room = new Room(couch, 5)) {
            PartitionSet set = Partition.fromPivots("b");
            couch.beforeEachPage(() -> {
                if (couch.asked.size() >= requestsBeforeTheEnd) {
                    throw new IllegalStateException("killed");
                }
            });
            List<PartitionResult> before = new ArrayList<>();
            List<Partition> failed = new ArrayList<>();
            room.client.requestAll(set, RequestOptions.DEFAULT, before::add, (partition, e) -> failed.add(partition));
            couch.beforeEachPage(() -> {});
            couch.asked.clear();
            List<PartitionResult> after = new ArrayList<>();

            room.client.requestAll(set, RequestOptions.of(CacheMode.FORCE_CACHE), after::add);

            assertThat(after.stream().filter(page -> page.entry().source() != EntrySource.FETCHED))
                    .extracting(PartitionResult::partition)
                    .containsExactlyElementsOf(
                            before.stream().map(PartitionResult::partition).toList());
            assertThat(after.stream().mapToLong(PartitionResult::rows).sum()).isEqualTo(couch.ids.size());
            if (failed.isEmpty()) {
                assertThat(couch.asked).isEmpty();
            }
        }
    }

    private static Set<String> union(Set<String> a, Set<String> b) {
        Set<String> both = new HashSet<>(a);
        both.addAll(b);
        return both;
    }
}
