package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Packuments of any size. The largest packument of npm in 2026 had 43 MB. Packuments are generated on request. Only the
 * compressed form of the latest revision is kept, which has a tenth of the size.
 */
final class LargePackuments {
    /** Part of a version in the full form, as in bundlers with many entry points. */
    private static final String EXPORTS = exports();

    private final long seed;
    private final Map<String, Integer> bytes;
    private final Map<String, Compressed> compressed = new ConcurrentHashMap<>();

    private record Compressed(int generation, byte[] gzip) {}

    LargePackuments(long seed, Map<String, Integer> bytes) {
        this.seed = seed;
        this.bytes = Map.copyOf(bytes);
    }

    boolean contains(byte[] name) {
        return !bytes.isEmpty() && bytes.containsKey(Database.text(name));
    }

    byte[] gzip(Database.Document document, PackumentForm form, String revision, Instant modified) {
        String key = form + " " + Database.text(document.name());
        Compressed kept = compressed.get(key);
        if (kept == null || kept.generation() != document.generation()) {
            kept = new Compressed(document.generation(), Gzip.compress(body(document, form, revision, modified)));
            compressed.put(key, kept);
        }
        return kept.gzip();
    }

    /**
     * Returns a body. The full form has exactly the requested size, unless that is too small for one version; the
     * abbreviated form has the same versions.
     */
    byte[] body(Database.Document document, PackumentForm form, String revision, Instant modified) {
        String text = Database.text(document.name());
        int size = bytes.getOrDefault(text, 0);
        String name = PackumentTemplate.jsonInside(document.name());
        String path = PackumentTemplate.path(text);
        int versions = Math.max(
                1, (size - 1024) / (version(name, path, 0, PackumentForm.FULL).length() + 64));
        ByteWriter out = new ByteWriter((int) Math.min(Integer.MAX_VALUE - 8, size + 4096L));
        boolean full = form == PackumentForm.FULL;
        out.put("{");
        out.put(
                full
                        ? "\"_id\":\"" + name + "\",\"_rev\":\"" + revision + "\","
                        : "\"modified\":\"" + modified + "\",");
        out.put("\"name\":\"" + name + "\",\"dist-tags\":{\"latest\":\"1.0." + (versions - 1) + "\"},\"versions\":{");
        for (int i = 0; i < versions; i++) {
            out.put(i == 0 ? "\"" : ",\"").put("1.0." + i + "\":").put(version(name, path, i, form));
        }
        out.put("}");
        if (full) {
            end(out, versions, modified, size);
        }
        return out.put("}").toByteArray();
    }

    private static void end(ByteWriter out, int versions, Instant modified, int size) {
        out.put(",\"time\":{\"created\":\"" + modified + "\",\"modified\":\"" + modified + "\"");
        for (int i = 0; i < versions; i++) {
            out.put(",\"1.0." + i + "\":\"" + modified + "\"");
        }
        out.put("},\"readme\":\"");
        byte[] sentence = "This package has many versions. ".getBytes(StandardCharsets.US_ASCII);
        for (int left = size - out.size() - 2; left > 0; left -= sentence.length) {
            out.put(sentence, 0, Math.min(left, sentence.length));
        }
        out.put("\"");
    }

    private String version(String name, String path, int number, PackumentForm form) {
        String version = "1.0." + number;
        long hash = Hashing.mix(seed + number);
        String digits = String.format("%016x%016x", hash, Hashing.mix(hash));
        String dist = "\"dist\":{\"shasum\":\"" + digits + "00000000\",\"tarball\":\""
                + PackumentTemplate.tarball(path, path.substring(path.indexOf('/') + 1), version) + "\"}";
        String both = "\"name\":\"" + name + "\",\"version\":\"" + version
                + "\",\"dependencies\":{\"accepts\":\"~1.3.8\",\"etag\":\"~1.8.1\"},\"engines\":{\"node\":\">= 18\"},"
                + dist;
        return form == PackumentForm.ABBREVIATED
                ? "{" + both + "}"
                : "{\"_id\":\"" + name + "@" + version + "\",\"gitHead\":\"" + digits + "\"," + EXPORTS + "," + both
                        + "}";
    }

    private static String exports() {
        StringBuilder out = new StringBuilder("\"exports\":{");
        for (int i = 0; i < 40; i++) {
            out.append(i == 0 ? "" : ",")
                    .append("\"./part-" + i + "\":{\"types\":\"./dist/part-" + i + ".d.ts\",\"default\":\"./dist/part-"
                            + i + ".js\"}");
        }
        return out.append('}').toString();
    }
}
