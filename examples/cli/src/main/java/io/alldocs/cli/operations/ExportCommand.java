package io.alldocs.cli.operations;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.body.JsonText;
import io.alldocs.cli.Amount;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Progress;
import io.alldocs.cli.ReportFile;
import io.alldocs.cli.Terminal;
import io.alldocs.cli.UsageException;
import io.alldocs.packument.DocumentJson;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes entries as JSON lines. */
@Command(
        name = "export",
        description = {
            "Writes the entries of a cache as JSON lines: the fields of list --json, and the document.",
            "The document is null if there is none, or if it is not JSON. If the export is interrupted, it leaves no"
                    + " file."
        },
        exitCodeList = {
            "0:written",
            "1:entries are damaged and were left out, the export was interrupted, or its output could not be written",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class ExportCommand extends CacheCommand {
    @Parameters(
            paramLabel = "FILE",
            description =
                    "File of JSON lines in UTF-8, or - for standard output. Its name ends in .jsonl or .ndjson, or in"
                            + " .jsonl.gz or .ndjson.gz for a compressed file.")
    private String file = "";

    @Option(names = "--heads-only", description = "Leave out the documents.")
    private boolean headsOnly;

    private static final Pattern KNOWN_NAMES = Pattern.compile(".*\\.(?:jsonl|ndjson)(?:\\.gz)?", Pattern.DOTALL);
    private static final String MALFORMED = "malformed";

    private final AtomicLong damaged = new AtomicLong();
    private final AtomicLong withoutDocument = new AtomicLong();
    private volatile String first = "";
    private final OutputStream standardOutput;

    /** Creates a command that reads its environment variables from {@code environment}. */
    public ExportCommand(Map<String, String> environment) {
        this(environment, Terminal.stream(new FileOutputStream(FileDescriptor.out)));
    }

    /** @param standardOutput a stream that reports failed writes; {@code System.out} hides them */
    ExportCommand(Map<String, String> environment, OutputStream standardOutput) {
        super(environment);
        this.standardOutput = standardOutput;
    }

    @Override
    void checkOptions() {
        if (!isStandardOutput()) {
            UsageException.refuse(
                    !KNOWN_NAMES.matcher(file).matches(),
                    "An export has the format JSON lines; choose a file name that ends in .jsonl, .ndjson, .jsonl.gz"
                            + " or .ndjson.gz, not "
                            + file);
            ReportFile.check("FILE", Path.of(file));
        }
        UsageException.refuse(json(), "An export always has the format JSON lines; remove --json");
    }

    private boolean isStandardOutput() {
        return file.equals("-");
    }

    @Override
    int run(Cache cache, Progress progress) {
        progress.begin("entries", 0);
        try {
            if (isStandardOutput()) {
                // Writes bytes, because the terminal's character set may not have all characters of the JSON.
                OutputStream out = new BufferedOutputStream(standardOutput);
                write(cache, progress, out);
                out.flush();
            } else {
                writeFile(cache, progress, Path.of(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot write " + (isStandardOutput() ? "to standard output" : file) + ": " + e.getMessage(), e);
        }
        progress.end();
        if (withoutDocument.get() > 0) {
            err().println(Amount.number(withoutDocument.get())
                    + (withoutDocument.get() == 1 ? " entry has" : " entries have")
                    + " a document that is malformed or not JSON; null was written in its place (first: " + first
                    + ").");
        }
        if (damaged.get() > 0) {
            err().println("Damaged entries, left out: " + Amount.number(damaged.get()) + "; run all-docs verify.");
        }
        return damaged.get() == 0 ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private void writeFile(Cache cache, Progress progress, Path target) throws IOException {
        ReportFile.replace(target, bytes -> {
            try (OutputStream plain = new BufferedOutputStream(bytes);
                    OutputStream out = file.endsWith(".gz") ? new GZIPOutputStream(plain, 1 << 16) : plain) {
                write(cache, progress, out);
            }
        });
    }

    private void write(Cache cache, Progress progress, OutputStream out) throws IOException {
        var scan = selection().of(cache).onDamage((key, error) -> damaged.incrementAndGet());
        try (Stream<Boolean> entries = headsOnly
                ? scan.heads((key, head) -> line(out, EntryJson.of(key, head).toString()))
                : scan.map((key, entry) -> line(
                        out, EntryJson.of(key, entry.head()).toString(), hasDocument(key, entry) ? entry : null))) {
            entries.forEach(written -> progress.advance(1));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Returns whether the entry has a document that a JSON parser accepts. If not, counts the entry as missing or
     * invalid.
     */
    private boolean hasDocument(String key, CacheEntry entry) {
        boolean none = entry.head().sizeBytes() == 0;
        boolean sound;
        try (InputStream text = entry.bodyStream()) {
            sound = none
                    ? !MALFORMED.equals(entry.head().outcome())
                    : JsonText.of(text).isJson();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!sound && withoutDocument.incrementAndGet() == 1) {
            first = EntryJson.label(key);
        }
        return sound && !none;
    }

    private static boolean line(OutputStream out, String head) {
        try {
            out.write((head + '\n').getBytes(UTF_8));
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean line(OutputStream out, String head, @Nullable CacheEntry entry) {
        try {
            out.write((head.substring(0, head.length() - 1) + ",\"document\":").getBytes(UTF_8));
            if (entry == null) {
                out.write("null".getBytes(UTF_8));
            } else {
                document(out, entry);
            }
            out.write("}\n".getBytes(UTF_8));
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes a document in one line. JSON allows line breaks only between tokens, so they can be replaced by spaces.
     */
    private static void document(OutputStream out, CacheEntry entry) throws IOException {
        byte[] buffer = new byte[1 << 14];
        try (InputStream in = DocumentJson.text(entry.bodyStream())) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n' || buffer[i] == '\r') {
                        buffer[i] = ' ';
                    }
                }
                out.write(buffer, 0, count);
            }
        }
    }
}
