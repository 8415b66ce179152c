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
 * Generates any number of names from a list of real names in the repository. The first names are the unchanged names of
 * the list. The other names are composed of words from the list. The mix is that of npm. 38 % of the names are scoped
 * (1,653,334 of 4,335,856 on 28 August 2026). There are families of very different sizes under one prefix, and a few
 * legacy names.
 */
final class NameRule {
    private static final double SCOPED = 0.38;
    /** Legacy spellings are rare. Of 226,974 names of a popularity list, 141 have capital letters. */
    private static final double LEGACY = 0.0006;

    /** The measured average of 5,000,000 names is 23.1 bytes. */
    private static final int USUAL_BYTES = 24;

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
        List<String> known = real.subList(0, Math.min(count, real.size()));
        int wanted = count - known.size();
        for (long tries = wanted + wanted / 50 + 64L; ; tries += tries / 2) {
            int made = wanted == 0 ? 0 : Math.toIntExact(tries);
            NameArena.Builder names = new NameArena.Builder(known.size() + made, USUAL_BYTES);
            known.forEach(names::add);
            int knownBytes = names.bytes();
            int scoped = (int) Math.round(made * SCOPED);
            makeScoped(names, scoped);
            makeUnscoped(names, made - scoped);
            int surplus = names.sort() - count;
            if (surplus >= 0) {
                names.drop(surplus, knownBytes);
                return names.build();
            }
        }
    }

    /** Generates families of one scope. Most families contain a few names, and some contain hundreds. */
    private void makeScoped(NameArena.Builder made, int count) {
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

    private void makeUnscoped(NameArena.Builder made, int count) {
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
}
