/* Where pack_into writes. Go makes the blocks, one after the other, and says here which one
   it is at present; they do not move while they are named here. */
#include <stdint.h>

enum { PACKROW_ROOMS = 64, PACKROW_NUMBER = 40, PACKROW_OFFSET = 20 };

struct packrow_room {
	char *block;
	uint64_t size, used, number;
};

extern struct packrow_room packrow_rooms[PACKROW_ROOMS];
