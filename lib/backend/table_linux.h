#include <stddef.h>

// PJRT_Program
struct program {
	size_t struct_size;
	void *extensions;
	char *code;
	size_t code_size;
	const char *format;
	size_t format_size;
};

// PJRT_Client_Compile_Args
struct compile {
	size_t struct_size;
	void *extensions, *client;
	const struct program *program;
	const char *options;
	size_t options_size;
	void *executable; // out
};

// PJRT_Executable_Serialize_Args
struct serialized {
	size_t struct_size;
	void *extensions, *executable;
	const char *bytes; // out
	size_t size;       // out
	void *owner;       // out
	void (*free)(void *);
};

void *genlab_plugin(const char *path, int reads); // the plugin's table; NULL where it can't be used
void *genlab_compile(struct compile *);           // a PJRT_Error or NULL, as the plugin's own
int genlab_load(struct compile *, const char *program, size_t size);
int genlab_serialize(void *loaded_executable, struct serialized *);
void genlab_free(struct serialized *);
