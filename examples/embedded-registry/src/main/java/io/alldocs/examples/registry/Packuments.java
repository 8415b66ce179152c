package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Generates packuments. The hash of a name selects a template, and each body contains its own name and revision. */
final class Packuments {
    /**
     * The templates have 735 bytes to 128 KB of JSON, 35 KB on average. The average packument of npm in 2025 had 57 KB,
     * and about 35 KB without the longest readmes.
     */
    private static final List<String> TEMPLATES = List.of(
            "noop-fn",
            "killable",
            "escape-html",
            "double-ended-queue",
            "get-proto",
            "koa-convert",
            "array-union",
            "url-template",
            "ecdsa-sig-formatter",
            "sanitize-filename",
            "json-parse-even-better-errors",
            "bytes",
            "supports-hyperlinks",
            "@img%2fsharp-win32-ia32",
            "commoner",
            "detective",
            "fastq",
            "event-target-shim",
            "chalk",
            "gtoken",
            "cross-env",
            "minipass",
            "@verdaccio%2fconfig",
            "express");

    /** Templates are shared by all registries and loaded on first use. */
    private static final Map<String, PackumentTemplate> LOADED = new ConcurrentHashMap<>();

    private static final Duration BETWEEN_GENERATIONS = Duration.ofMinutes(7);

    private static final long TEMPLATE_SALT = 0x3c6ef372fe94f82bL;

    private final long seed;
    private final Revision revision;
    private final LargePackuments giants;

    Packuments(long seed, Revision revision, LargePackuments giants) {
        this.seed = seed;
        this.revision = revision;
        this.giants = giants;
    }

    Instant modified(Database.Document document) {
        byte[] name = document.name();
        long afterwards = Hashing.mix(Hashing.hash(seed, name)) >>> 44;
        return template(name)
                .lastPublished()
                .plus(BETWEEN_GENERATIONS.multipliedBy(document.generation()))
                .plusSeconds(afterwards)
                .truncatedTo(ChronoUnit.SECONDS);
    }

    /** Returns the complete body of a name whose response is 200. */
    byte[] body(Database.Document document, PackumentForm form) {
        return switch (document.state()) {
            case UNPUBLISHED -> unpublished(document, form);
            case SECURITY_HOLDER -> securityHolder(document, form);
            case MALFORMED -> cutInTheMiddle(packument(document, form));
            case WRONG_NAME -> packument(another(document), form);
            case PRESENT -> packument(document, form);
            case NOT_FOUND, BLOCKED, FORBIDDEN ->
                throw new IllegalArgumentException(
                        "No body for " + Database.text(document.name()) + ", which is " + document.state());
        };
    }

    /** Returns the compressed body. */
    byte[] gzip(Database.Document document, PackumentForm form) {
        if (document.state() != NameState.PRESENT) {
            return Gzip.compress(body(document, form));
        }
        if (giants.contains(document.name())) {
            return giants.gzip(document, form, revision(document), modified(document));
        }
        PackumentTemplate template = template(document.name());
        return template.text(form).gzip(values(document, template));
    }

    private byte[] packument(Database.Document document, PackumentForm form) {
        if (giants.contains(document.name())) {
            return giants.body(document, form, revision(document), modified(document));
        }
        PackumentTemplate template = template(document.name());
        return template.text(form).text(values(document, template));
    }

    private String revision(Database.Document document) {
        return revision.of(document.name(), document.generation());
    }

    private byte[][] values(Database.Document document, PackumentTemplate template) {
        String name = PackumentTemplate.jsonInside(document.name());
        String path = PackumentTemplate.path(Database.text(document.name()));
        String file = file(path);
        String modified = modified(document).toString();
        StringBuilder versions = new StringBuilder();
        StringBuilder times = new StringBuilder();
        for (int i = 1; i <= document.published(); i++) {
            String number = laterVersion(i);
            versions.append(",\"").append(number).append("\":").append(version(name, number, path));
            times.append(",\"").append(number).append("\":\"").append(modified).append('"');
        }
        String latest = document.published() == 0 ? template.latest() : laterVersion(document.published());
        byte[][] values = new byte[PackumentTemplate.Slot.values().length][];
        for (PackumentTemplate.Slot slot : PackumentTemplate.Slot.values()) {
            values[slot.number()] = utf8(
                    switch (slot) {
                        case NAME -> name;
                        case PATH -> path;
                        case FILE -> file;
                        case REVISION -> revision(document);
                        case MODIFIED -> modified;
                        case LATEST -> latest;
                        case MORE_VERSIONS -> versions.toString();
                        case MORE_TIMES -> times.toString();
                    });
        }
        return values;
    }

    /** Returns a version that is higher than all versions of the templates. */
    private static String laterVersion(int published) {
        return "1000.0." + published;
    }

    private static String file(String path) {
        return path.substring(path.indexOf('/') + 1);
    }

    private String version(String name, String number, String path) {
        long hash = Hashing.hash(seed, utf8(name + number));
        String shasum = String.format("%016x%016x%08x", hash, Hashing.mix(hash), (int) Hashing.mix(~hash));
        return "{\"name\":\"" + name + "\",\"version\":\"" + number + "\",\"dist\":{\"shasum\":\"" + shasum
                + "\",\"tarball\":\"" + PackumentTemplate.tarball(path, file(path), number) + "\"}}";
    }

    private byte[] unpublished(Database.Document document, PackumentForm form) {
        ByteWriter out = new ByteWriter(512);
        Instant modified = modified(document);
        if (form == PackumentForm.ABBREVIATED) {
            out.put("{\"name\":\"").putJson(document.name(), 0, document.name().length);
            return out.put("\",\"modified\":\"" + modified + "\",\"dist-tags\":{},\"versions\":{}}")
                    .toByteArray();
        }
        head(out, document);
        Instant created = modified.minus(Duration.ofDays(3));
        return out.put(",\"time\":{\"created\":\"" + created + "\",\"1.0.0\":\"" + created + "\",\"modified\":\""
                        + modified + "\",\"unpublished\":{\"time\":\"" + modified + "\",\"versions\":[\"1.0.0\"]}}}")
                .toByteArray();
    }

    private byte[] securityHolder(Database.Document document, PackumentForm form) {
        ByteWriter out = new ByteWriter(2048);
        Instant modified = modified(document);
        if (form == PackumentForm.ABBREVIATED) {
            out.put("{\"name\":\"").putJson(document.name(), 0, document.name().length);
            out.put("\",\"modified\":\"" + modified + "\"");
        } else {
            head(out, document);
            out.put(",\"description\":\"security holding package\"");
            out.put(",\"repository\":{\"type\":\"git\",\"url\":\"git+https://github.com/npm/security-holder.git\"}");
            out.put(",\"time\":{\"created\":\"" + modified + "\",\"0.0.1-security\":\"" + modified
                    + "\",\"modified\":\"" + modified + "\"}");
        }
        out.put(",\"dist-tags\":{\"latest\":\"0.0.1-security\"},\"versions\":{\"0.0.1-security\":");
        String path = PackumentTemplate.path(Database.text(document.name()));
        out.put(version(PackumentTemplate.jsonInside(document.name()), "0.0.1-security", path));
        return out.put("}}").toByteArray();
    }

    private void head(ByteWriter out, Database.Document document) {
        byte[] name = document.name();
        out.put("{\"_id\":\"").putJson(name, 0, name.length).put("\",\"_rev\":\"");
        revision.write(out, name, 0, name.length, document.generation());
        out.put("\",\"name\":\"").putJson(name, 0, name.length).put("\"");
    }

    private static byte[] cutInTheMiddle(byte[] body) {
        return Arrays.copyOf(body, body.length / 2);
    }

    private static Database.Document another(Database.Document document) {
        byte[] name = utf8(Database.text(document.name()) + "-another");
        return new Database.Document(name, document.generation(), document.published(), NameState.PRESENT);
    }

    /** Returns the template of a name. A template's own name always uses that template. */
    private PackumentTemplate template(byte[] name) {
        String own = Database.text(name).replace("/", "%2f");
        int byHash = (int) Math.floorMod(Hashing.hash(seed ^ TEMPLATE_SALT, name), (long) TEMPLATES.size());
        return LOADED.computeIfAbsent(TEMPLATES.contains(own) ? own : TEMPLATES.get(byHash), PackumentTemplate::load);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
