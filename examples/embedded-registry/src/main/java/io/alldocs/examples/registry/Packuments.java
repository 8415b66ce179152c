package io.alldocs.examples.registry;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Makes packuments: each name is given a template by its hash, and every body says its own name and revision. */
final class Packuments {
    /** 735 bytes to 128 KB of JSON; mean 35 KB, as much as an average packument of npm in 2025 (57 KB) without its longest readmes. */
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

    private static final Duration BETWEEN_GENERATIONS = Duration.ofMinutes(7);

    private final long seed;
    private final Revision revision;
    private final List<PackumentTemplate> templates =
            TEMPLATES.stream().map(PackumentTemplate::load).toList();

    Packuments(long seed, Revision revision) {
        this.seed = seed;
        this.revision = revision;
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

    /** The whole body of a name whose answer is 200. */
    byte[] body(Database.Document document, PackumentForm form) {
        return switch (document.state()) {
            case UNPUBLISHED -> unpublished(document, form);
            case SECURITY_HOLDER -> securityHolder(document, form);
            case MALFORMED -> cutInTheMiddle(rendered(document, form));
            case WRONG_NAME -> rendered(another(document), form);
            case PRESENT -> rendered(document, form);
            case NOT_FOUND, BLOCKED, FORBIDDEN ->
                throw new IllegalArgumentException(
                        "No body for " + Database.text(document.name()) + ", which is " + document.state());
        };
    }

    private byte[] rendered(Database.Document document, PackumentForm form) {
        PackumentTemplate template = template(document.name());
        Map<PackumentTemplate.Slot, byte[]> values = values(document, template);
        ByteWriter out = new ByteWriter(1 << 16);
        for (PackumentTemplate.Segment segment : template.segments(form)) {
            if (segment instanceof PackumentTemplate.Segment.Constant constant) {
                out.put(constant.bytes());
            } else if (segment instanceof PackumentTemplate.Segment.Variable variable) {
                out.put(values.get(variable.slot()));
            }
        }
        return out.toByteArray();
    }

    private Map<PackumentTemplate.Slot, byte[]> values(Database.Document document, PackumentTemplate template) {
        byte[] name = document.name();
        String text = Database.text(name);
        String path = path(text);
        String file = path.substring(path.indexOf('/') + 1);
        String json = Database.text(
                new ByteWriter(name.length).putJson(name, 0, name.length).toByteArray());
        Instant modified = modified(document);
        StringBuilder versions = new StringBuilder();
        StringBuilder times = new StringBuilder();
        for (int i = 1; i <= document.published(); i++) {
            String number = laterVersion(i);
            versions.append(",\"").append(number).append("\":").append(version(json, number, path, file));
            times.append(",\"").append(number).append("\":\"").append(modified).append('"');
        }
        String latest = document.published() == 0 ? template.latest() : laterVersion(document.published());
        Map<PackumentTemplate.Slot, byte[]> values = new EnumMap<>(PackumentTemplate.Slot.class);
        values.put(PackumentTemplate.Slot.NAME, utf8(json));
        values.put(PackumentTemplate.Slot.PATH, utf8(path));
        values.put(PackumentTemplate.Slot.FILE, utf8(file));
        values.put(PackumentTemplate.Slot.REVISION, utf8(revision.of(name, document.generation())));
        values.put(PackumentTemplate.Slot.MODIFIED, utf8(modified.toString()));
        values.put(PackumentTemplate.Slot.LATEST, utf8(latest));
        values.put(PackumentTemplate.Slot.MORE_VERSIONS, utf8(versions.toString()));
        values.put(PackumentTemplate.Slot.MORE_TIMES, utf8(times.toString()));
        return values;
    }

    /** Above every version of the templates. */
    private static String laterVersion(int published) {
        return "1000.0." + published;
    }

    private String version(String json, String number, String path, String file) {
        long hash = Hashing.hash(seed, utf8(json + number));
        String shasum = String.format("%016x%016x%08x", hash, Hashing.mix(hash), (int) Hashing.mix(~hash));
        return "{\"name\":\"" + json + "\",\"version\":\"" + number + "\",\"dist\":{\"shasum\":\"" + shasum
                + "\",\"tarball\":\"" + PackumentTemplate.tarball(path, file, number) + "\"}}";
    }

    /** {@code @scope/name} keeps its two marks, everything else a URL cannot hold is percent-encoded. */
    private static String path(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%40", "@")
                .replace("%2F", "/");
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
        String path = path(Database.text(document.name()));
        byte[] name = document.name();
        out.put(",\"dist-tags\":{\"latest\":\"0.0.1-security\"},\"versions\":{\"0.0.1-security\":");
        String json = Database.text(
                new ByteWriter(name.length).putJson(name, 0, name.length).toByteArray());
        out.put(version(json, "0.0.1-security", path, path.substring(path.indexOf('/') + 1)));
        return out.put("}}").toByteArray();
    }

    private void head(ByteWriter out, Database.Document document) {
        byte[] name = document.name();
        out.put("{\"_id\":\"").putJson(name, 0, name.length).put("\",\"_rev\":\"");
        revision.write(out, name, 0, name.length, document.generation());
        out.put("\",\"name\":\"").putJson(name, 0, name.length).put("\"");
    }

    private static byte[] cutInTheMiddle(byte[] body) {
        return java.util.Arrays.copyOf(body, body.length / 2);
    }

    private static Database.Document another(Database.Document document) {
        byte[] name = utf8(Database.text(document.name()) + "-another");
        return new Database.Document(name, document.generation(), document.published(), NameState.PRESENT);
    }

    private PackumentTemplate template(byte[] name) {
        return templates.get((int) Math.floorMod(Hashing.hash(seed ^ 0x7e3779b9L, name), (long) templates.size()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
