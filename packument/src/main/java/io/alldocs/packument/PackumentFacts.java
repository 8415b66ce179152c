package io.alldocs.packument;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The facts about a packument that a {@link VersionPolicy} needs, read in one pass over its text. If a member occurs
 * twice, the last one counts, as in JavaScript's own JSON parser. Immutable and safe for concurrent use.
 */
public final class PackumentFacts {
    /** An installer runs each of these scripts. */
    private static final Set<String> INSTALL_SCRIPTS = Set.of("preinstall", "install", "postinstall");

    private final String name;
    private final List<VersionFacts> versions;
    private final Map<String, String> distTags;
    private final boolean hasTimes;
    private final @Nullable Instant modified;

    private PackumentFacts(String name, Reader reader) {
        this.name = name;
        this.versions = reader.facts();
        this.distTags = reader.distTags;
        this.hasTimes = reader.times != null;
        this.modified = instant(reader.modified);
    }

    /**
     * Reads the facts of a packument in either form.
     *
     * @param name name of the package
     * @param decoded the document's text; read to the end of the document and not closed
     * @throws EOFException if the text ends inside the document
     * @throws StreamCorruptedException if a relevant part of the text is not JSON
     * @throws IOException if {@code decoded} cannot be read
     */
    public static PackumentFacts read(String name, InputStream decoded) throws IOException {
        Reader reader = new Reader(new MemberScan(decoded));
        reader.read();
        return new PackumentFacts(name, reader);
    }

    /** Returns the facts of a package without a document. */
    static PackumentFacts none(String name) {
        return new PackumentFacts(name, new Reader(new MemberScan(InputStream.nullInputStream())));
    }

    /** Returns the name of the package. */
    public String name() {
        return name;
    }

    /** Returns the versions, in the order of the document. */
    public List<VersionFacts> versions() {
        return versions;
    }

    /** Returns the tags and the version of each, in the order of the document. */
    public Map<String, String> distTags() {
        return distTags;
    }

    /** Returns whether the document has the member {@code time}, which the abbreviated form lacks. */
    public boolean hasTimes() {
        return hasTimes;
    }

    /**
     * Returns when the package was last modified, according to the abbreviated form. No version was published later.
     */
    public Optional<Instant> modified() {
        return Optional.ofNullable(modified);
    }

    private static @Nullable Instant instant(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null; // not a comparable time
        }
    }

    /** One pass over a document. */
    private static final class Reader {
        private final MemberScan scan;
        private final Map<String, Manifest> manifests = new LinkedHashMap<>();
        private Map<String, String> distTags = Map.of();
        private @Nullable Map<String, String> times;
        private @Nullable String modified;

        Reader(MemberScan scan) {
            this.scan = scan;
        }

        void read() throws IOException {
            if (scan.peekPastSpace() != '{') {
                throw new StreamCorruptedException("the document is not a JSON object");
            }
            scan.members(member -> {
                switch (member) {
                    case "versions" -> readVersions();
                    case "dist-tags" -> distTags = scan.texts();
                    case "time" -> readTimes();
                    case "modified" -> modified = scan.scalar();
                    default -> scan.skipValue();
                }
            });
        }

        private void readVersions() throws IOException {
            manifests.clear();
            scan.members(version -> {
                Manifest manifest = new Manifest();
                scan.members(member -> manifest.read(member, scan));
                manifests.put(version, manifest);
            });
        }

        private void readTimes() throws IOException {
            boolean object = scan.peekPastSpace() == '{';
            Map<String, String> texts = scan.texts();
            times = object ? texts : null;
        }

        List<VersionFacts> facts() {
            List<VersionFacts> facts = new ArrayList<>(manifests.size());
            manifests.forEach((version, manifest) -> facts.add(new VersionFacts(
                    version,
                    Optional.ofNullable(times == null ? null : instant(times.get(version))),
                    manifest.deprecated,
                    manifest.installScript,
                    manifest.provenance,
                    Optional.ofNullable(manifest.tarball))));
            return List.copyOf(facts);
        }
    }

    /** One version while it is read. */
    private static final class Manifest {
        private boolean deprecated;
        private boolean installScript;
        private boolean provenance;
        private @Nullable String tarball;

        void read(String member, MemberScan scan) throws IOException {
            switch (member) {
                case "deprecated" -> deprecated = scan.truthy();
                case "hasInstallScript", "gypfile" -> installScript |= scan.truthy();
                case "scripts" ->
                    scan.members(script -> {
                        installScript |= scan.truthy() && INSTALL_SCRIPTS.contains(script);
                    });
                case "dist" -> scan.members(inner -> readDist(inner, scan));
                default -> scan.skipValue();
            }
        }

        private void readDist(String member, MemberScan scan) throws IOException {
            switch (member) {
                case "tarball" -> tarball = scan.scalar();
                case "attestations" ->
                    scan.members(kind -> {
                        boolean there = scan.truthy();
                        provenance |= there && kind.equals("provenance");
                    });
                default -> scan.skipValue();
            }
        }
    }
}
