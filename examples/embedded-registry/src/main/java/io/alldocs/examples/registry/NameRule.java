package io.alldocs.examples.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Makes any number of names out of the committed list of real ones: the list's first names as they are, the others put together from the list's words. The
 * mix is npm's: 38 % scoped (1,653,334 of 4,335,856 on 28 August 2026), families of very different sizes under one prefix, a few legacy names.
 */
final class NameRule {
    private static final double SCOPED = 0.38;
    /** Legacy spellings are rare: 141 of 226,974 names of a popularity list have capitals. */
    private static final double LEGACY = 0.0006;

    private static final String LEGACY_MARKS = "~'!()*";

    private final long seed;
    private final List<String> real;
    private final String[] words;

    NameRule(long seed) {
        this.seed = seed;
        this.real = readList();
        this.words = words(real);
    }

    NameArena names(int count) {
        List<String> kept = real.subList(0, Math.min(count, real.size()));
        NameArena known = NameArena.of(kept);
        int wanted = count - known.size();
        for (long made = wanted + wanted / 16 + 64L; ; made += made / 2) {
            Made candidates = wanted == 0 ? new Made(0) : make(Math.toIntExact(made));
            int surplus = candidates.sortAndDropKnown(known) - wanted;
            if (surplus >= 0) {
                return candidates.merge(known, surplus);
            }
        }
    }

    private Made make(int count) {
        Made made = new Made(count);
        int scoped = (int) Math.round(count * SCOPED);
        makeScoped(made, scoped);
        makeUnscoped(made, count - scoped);
        return made;
    }

    /** Families of one scope: most hold a handful of names, a few hold hundreds. */
    private void makeScoped(Made made, int count) {
        for (int i = 0; i < words.length; i++) {
            SplittableRandom random = new SplittableRandom(Hashing.mix(seed ^ (2L * i)));
            int left = share(count, i, words.length);
            while (left > 0) {
                String scope = "@" + words[i] + (random.nextInt(4) == 0 ? number(random) : "-" + word(random)) + "/";
                int family = (int) Math.min(left, Math.min(400, 1 + 3 / (1 - random.nextDouble())));
                for (int k = 0; k < family; k++) {
                    made.add(scope, tail(random, family));
                }
                left -= family;
            }
        }
    }

    private void makeUnscoped(Made made, int count) {
        String[] heads = Stream.concat(real.stream().filter(name -> !name.startsWith("@")), Arrays.stream(words))
                .distinct()
                .sorted()
                .toArray(String[]::new);
        double[] upTo = new double[heads.length];
        double sum = 0;
        for (int i = 0; i < heads.length; i++) {
            sum += 1 / (0.002 + Hashing.unit(Hashing.mix(seed ^ (2L * i + 1))));
            upTo[i] = sum;
        }
        int done = 0;
        for (int i = 0; i < heads.length; i++) {
            SplittableRandom random = new SplittableRandom(Hashing.mix(seed ^ ~i));
            int family = (int) Math.round(count * (upTo[i] / sum)) - done;
            for (int k = 0; k < family; k++) {
                if (random.nextDouble() < LEGACY) {
                    made.add(legacy(heads[i], random), tail(random, family));
                } else {
                    made.add(heads[i], separator(random) + tail(random, family));
                }
            }
            done += family;
        }
    }

    private String tail(SplittableRandom random, int family) {
        double chance = random.nextDouble();
        if (chance < Math.min(0.25, 200.0 / family)) {
            return word(random);
        }
        return chance < 0.85 ? word(random) + "-" + word(random) : word(random) + number(random);
    }

    private String word(SplittableRandom random) {
        return words[random.nextInt(words.length)];
    }

    private static String number(SplittableRandom random) {
        return Integer.toString(random.nextInt(1000));
    }

    private static String separator(SplittableRandom random) {
        int chance = random.nextInt(40);
        return chance == 0 ? "." : chance == 1 ? "_" : "-";
    }

    private static String legacy(String head, SplittableRandom random) {
        return switch (random.nextInt(3)) {
            case 0 -> "-" + head + "-";
            case 1 -> Character.toUpperCase(head.charAt(0)) + head.substring(1);
            default -> head + LEGACY_MARKS.charAt(random.nextInt(LEGACY_MARKS.length()));
        };
    }

    private static int share(int total, int index, int parts) {
        return (int) ((long) total * (index + 1) / parts - (long) total * index / parts);
    }

    private static String[] words(List<String> names) {
        TreeSet<String> words = new TreeSet<>();
        for (String name : names) {
            for (String word : name.split("[^a-z0-9]+", -1)) {
                if (word.length() > 1) {
                    words.add(word);
                }
            }
        }
        return words.toArray(String[]::new);
    }

    private static List<String> readList() {
        try (InputStream in = Resources.open("names.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the list of names in the jar", e);
        }
    }

    /** Names as they are made, family by family, so that sorting them touches little memory at a time. */
    private static final class Made {
        private final ByteWriter bytes;
        private int[] ends;
        private int[] order = new int[0];
        private int size;

        Made(int capacity) {
            bytes = new ByteWriter(capacity * 20 + 64);
            ends = new int[capacity];
        }

        void add(String head, String tail) {
            bytes.put(head).put(tail);
            ends[size++] = bytes.size();
        }

        /** Leaves each name once, without those of {@code known}, in byte order. Returns how many are left. */
        int sortAndDropKnown(NameArena known) {
            order = new int[size];
            Arrays.setAll(order, i -> i);
            sort(order.clone(), order, 0, size);
            int kept = 0;
            int atKnown = 0;
            for (int i = 0; i < size; i++) {
                if (kept > 0 && compare(order[kept - 1], order[i]) == 0) {
                    continue;
                }
                while (atKnown < known.size() && compareKnown(known, atKnown, order[i]) < 0) {
                    atKnown++;
                }
                if (atKnown == known.size() || compareKnown(known, atKnown, order[i]) != 0) {
                    order[kept++] = order[i];
                }
            }
            size = kept;
            return kept;
        }

        /** Joins both, leaving {@code surplus} names out at even distances. */
        NameArena merge(NameArena known, int surplus) {
            int used = bytes.size();
            NameArena.Builder builder = new NameArena.Builder(known.size() + size - surplus, used + 20 * known.size());
            int atKnown = 0;
            for (int i = 0; i < size; i++) {
                if ((long) surplus * (i + 1) / size != (long) surplus * i / size) {
                    continue;
                }
                while (atKnown < known.size() && compareKnown(known, atKnown, order[i]) < 0) {
                    add(builder, known, atKnown++);
                }
                builder.add(bytes.array(), start(order[i]), ends[order[i]] - start(order[i]));
            }
            while (atKnown < known.size()) {
                add(builder, known, atKnown++);
            }
            return builder.build();
        }

        private static void add(NameArena.Builder builder, NameArena known, int rank) {
            builder.add(known.array(), known.offset(rank), known.length(rank));
        }

        private int start(int index) {
            return index == 0 ? 0 : ends[index - 1];
        }

        private int compare(int a, int b) {
            return Arrays.compareUnsigned(bytes.array(), start(a), ends[a], bytes.array(), start(b), ends[b]);
        }

        private int compareKnown(NameArena known, int rank, int index) {
            int from = known.offset(rank);
            return Arrays.compareUnsigned(
                    known.array(), from, from + known.length(rank), bytes.array(), start(index), ends[index]);
        }

        /** Merge sort that leaves ordered runs alone; {@code source} and {@code target} hold the same on entry, {@code target} is sorted on return. */
        private void sort(int[] source, int[] target, int from, int to) {
            if (to - from < 8) {
                insertionSort(target, from, to);
                return;
            }
            int middle = (from + to) >>> 1;
            sort(target, source, from, middle);
            sort(target, source, middle, to);
            if (compare(source[middle - 1], source[middle]) <= 0) {
                System.arraycopy(source, from, target, from, to - from);
                return;
            }
            int left = from;
            int right = middle;
            for (int i = from; i < to; i++) {
                boolean takeLeft = right >= to || (left < middle && compare(source[left], source[right]) <= 0);
                target[i] = takeLeft ? source[left++] : source[right++];
            }
        }

        private void insertionSort(int[] target, int from, int to) {
            for (int i = from + 1; i < to; i++) {
                int moved = target[i];
                int at = i;
                for (; at > from && compare(target[at - 1], moved) > 0; at--) {
                    target[at] = target[at - 1];
                }
                target[at] = moved;
            }
        }
    }
}
