package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

class NamesPropertiesTest {
    private static final Comparator<String> BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private static NavigableSet<String> sorted(Iterable<String> names) {
        TreeSet<String> set = new TreeSet<>(BYTES);
        names.forEach(set::add);
        return set;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Arbitrary<String> name() {
        return Arbitraries.strings()
                .withChars('a', 'b', '-', 'Z', '~', 'é', '\uFFFD')
                .ofMinLength(1)
                .ofMaxLength(4);
    }

    @Provide
    Arbitrary<Set<String>> names() {
        return name().set().ofMaxSize(40);
    }

    /** Pairs of a name, and whether the name is added or removed. */
    @Provide
    Arbitrary<List<Tuple.Tuple2<String, Boolean>>> changes() {
        return net.jqwik.api.Combinators.combine(name(), Arbitraries.of(true, false))
                .as(Tuple::of)
                .list()
                .ofMaxSize(60);
    }

    @Property(tries = 300)
    void index_anyChanges_agreesWithASortedSet(
            @ForAll("names") Set<String> base,
            @ForAll("changes") List<Tuple.Tuple2<String, Boolean>> changes,
            @ForAll("names") Set<String> probes) {
        NavigableSet<String> model = sorted(base);
        NameIndex index = NameIndex.of(NameArena.of(base));
        for (Tuple.Tuple2<String, Boolean> change : changes) {
            if (change.get2()) {
                model.add(change.get1());
                index = index.with(utf8(change.get1()));
            } else {
                model.remove(change.get1());
                index = index.without(utf8(change.get1()));
            }
        }
        assertThat(index.size()).isEqualTo(model.size());
        List<String> inOrder = new ArrayList<>(model);
        for (int i = 0; i < inOrder.size(); i++) {
            assertThat(index.get(i)).isEqualTo(utf8(inOrder.get(i)));
        }
        for (String probe : probes) {
            assertThat(index.rank(utf8(probe))).isEqualTo(model.headSet(probe).size());
            assertThat(index.contains(utf8(probe))).isEqualTo(model.contains(probe));
            List<String> rest = new ArrayList<>();
            for (NameIndex.Cursor cursor = index.from(utf8(probe)); cursor.advance(); ) {
                rest.add(new String(cursor.bytes, cursor.offset, cursor.length, StandardCharsets.UTF_8));
            }
            assertThat(rest).containsExactlyElementsOf(model.tailSet(probe));
        }
    }

    @Property(tries = 40)
    void walk_anyNamesAndPageCap_meetsEveryNameAtItsOffset(
            @ForAll("names") Set<String> base, @ForAll @IntRange(min = 2, max = 9) int cap) throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(base)
                .threads(1)
                .faults(List.of(Fault.pageCap(cap)))
                .start()) {
            List<String> walked = new ArrayList<>();
            String query = "";
            while (true) {
                var page = Client.json(registry, "/_all_docs" + query);
                assertThat(page.path("total_rows").asInt()).isEqualTo(base.size());
                List<String> ids = Client.ids(page);
                assertThat(page.path("offset").asInt()).isEqualTo(Math.max(0, walked.size() - 1));
                walked.addAll(walked.isEmpty() ? ids : ids.subList(1, ids.size()));
                if (ids.size() < cap) {
                    break;
                }
                query = "?startkey=" + Client.key(walked.get(walked.size() - 1));
            }
            assertThat(walked).isEqualTo(registry.names()).isEqualTo(new ArrayList<>(sorted(base)));
        }
    }

    @Property(tries = 40)
    void offsets_ofAnyTwoKeys_tellHowManyNamesLieBetween(
            @ForAll("names") Set<String> base, @ForAll("names") Set<String> keys) throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(base).threads(1).start()) {
            int before = 0;
            String from = null;
            for (String key : sorted(keys)) {
                int offset = Client.json(registry, "/_all_docs?limit=1&startkey=" + Client.key(key))
                        .path("offset")
                        .asInt();
                int between = sorted(base).headSet(key).size()
                        - (from == null ? 0 : sorted(base).headSet(from).size());
                assertThat(offset - before).isEqualTo(between);
                before = offset;
                from = key;
            }
        }
    }

    @Property(tries = 30)
    void rule_anyCountAndSeed_makesThatManyNamesInOrder(
            @ForAll @IntRange(min = 1, max = 6_000) int count, @ForAll long seed) {
        NameArena names = new NameRule(seed).names(count);

        assertThat(names.size()).isEqualTo(count);
        int scoped = 0;
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                assertThat(Arrays.compareUnsigned(names.get(i - 1), names.get(i)))
                        .isNegative();
            }
            scoped += names.get(i)[0] == '@' ? 1 : 0;
        }
        if (count > 100) {
            assertThat((double) scoped / count).isBetween(0.35, 0.41);
        }
        assertThat(new NameRule(seed).names(count).get(count / 2)).isEqualTo(names.get(count / 2));
    }
}
